/** `node scripts/run.mjs COMMAND [args…]`: what the npm scripts call. Runs on any Node >= 20. */
if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(
    `Asya needs Node 20 or newer, and this is ${process.version}: see https://nodejs.org`,
  )
  process.exit(1)
}

const { main } = await import('./commands.mjs')
process.exitCode = await main(process.argv.slice(2))
