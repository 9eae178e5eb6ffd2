/** Of the page; what the AsyncAPI component brings is its own, and knows light colours alone. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --ink: light-dark(#1d2433, #e4e8f0);
  --soft: light-dark(#5b6578, #9aa5b8);
  --ground: light-dark(#ffffff, #12161f);
  --panel: light-dark(#f5f7fa, #1a202c);
  --edge: light-dark(#dde2ea, #2d3648);
  --accent: light-dark(#2557c7, #83abff);
  --warn: light-dark(#a04300, #ffb27a);
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; color: var(--ink); background: var(--ground); font: 16px/1.55 system-ui, sans-serif; display: grid; grid-template-columns: 15rem minmax(0, 1fr); }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
code { font: 0.9em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1.5rem 1rem 2rem 1.5rem; background: var(--panel); border-right: 1px solid var(--edge); font-size: 0.92rem; }
nav h2 { font-size: 0.75rem; letter-spacing: 0.06em; text-transform: uppercase; color: var(--soft); margin: 1.4rem 0 0.3rem; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li { padding: 0.12rem 0; overflow-wrap: anywhere; }
main { max-width: 62rem; padding: 2rem 2.5rem 5rem; width: 100%; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 0.3rem; overflow-wrap: anywhere; }
main > h2 { font-size: 1.35rem; margin: 3rem 0 0.5rem; padding-bottom: 0.3rem; border-bottom: 1px solid var(--edge); }
h3 { font-size: 1.15rem; margin: 2rem 0 0.2rem; overflow-wrap: anywhere; }
h4 { font-size: 0.95rem; margin: 1.2rem 0 0.3rem; }
p { margin: 0.4rem 0; }
.soft { color: var(--soft); }
.warn { color: var(--warn); }
.facts { display: flex; flex-wrap: wrap; gap: 0.3rem 1.2rem; margin: 0.5rem 0; padding: 0; list-style: none; font-size: 0.92rem; }
.facts b { font-weight: 500; color: var(--soft); margin-right: 0.35rem; }
.scroll { overflow-x: auto; margin: 0.6rem 0; }
.picture { display: block; max-width: none; }
.picture rect, .picture circle { fill: var(--panel); stroke: var(--accent); stroke-width: 1.5; }
.picture .foreign rect { stroke: var(--soft); stroke-dasharray: 5 4; }
.picture text { fill: var(--ink); font: 14px system-ui, sans-serif; }
.picture .small { fill: var(--soft); font-size: 12px; }
.picture .line { fill: none; stroke: var(--soft); stroke-width: 1.5; }
.picture .dashed { stroke-dasharray: 5 4; }
.picture .head { fill: var(--soft); }
.members { border-collapse: collapse; table-layout: fixed; width: 100%; font-size: 0.92rem; }
.members tr { border-top: 1px solid var(--edge); }
.members th, .members td { text-align: left; vertical-align: top; padding: 0.35rem 0.9rem 0.35rem 0; font-weight: 400; overflow-wrap: anywhere; }
.members th { padding-left: calc(var(--depth) * 1.2rem); width: 26%; }
.members td:last-child { width: 42%; color: var(--soft); }
.optional { color: var(--soft); }
.value { color: var(--warn); }
.limit { white-space: nowrap; margin-right: 0.5rem; }
details { margin: 0.8rem 0; border: 1px solid var(--edge); border-radius: 8px; }
summary { cursor: pointer; overflow-wrap: anywhere; padding: 0.45rem 0.8rem; color: var(--soft); font-size: 0.92rem; }
.document { color-scheme: light; background: #ffffff; color: #1d2433; border-radius: 0 0 8px 8px; padding: 0.5rem; overflow-x: auto; }
@media (max-width: 48rem) {
  body { display: block; }
  nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--edge); padding: 1rem; }
  nav ul { display: flex; flex-wrap: wrap; gap: 0.1rem 1rem; }
  nav h2 { margin-top: 0.7rem; }
  main { padding: 1.2rem 1rem 4rem; }
  .members, .members tbody, .members tr, .members th, .members td { display: block; width: auto !important; }
  .members tr { display: flex; flex-wrap: wrap; gap: 0 0.6rem; padding: 0.3rem 0; }
  .members td:last-child { flex-basis: 100%; }
  .members th, .members td { padding-top: 0.1rem; padding-bottom: 0.1rem; }
}
@media print { nav, details { display: none; } body { display: block; } }
`
