/** `write-project.ts FOLDER`: the large project of the bench, to look at or to profile a build of. */
import { generateProject } from '../generate-project.ts'

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('write-project.ts takes the folder to write into')
generateProject(folder, { actors: 200, pipelines: 50 })
