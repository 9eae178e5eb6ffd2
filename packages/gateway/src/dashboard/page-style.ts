/** Of the page. Both colour schemes meet WCAG's AA for text; every state has a sign and a word, too. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --ink: light-dark(#1b2230, #e3e8f1);
  --soft: light-dark(#566074, #a0abbd);
  --ground: light-dark(#f6f7f9, #10141c);
  --panel: light-dark(#ffffff, #181e29);
  --raised: light-dark(#eef1f5, #222a38);
  --edge: light-dark(#d9dee7, #303a4b);
  --accent: light-dark(#2457c5, #8ab0ff);
  --on-accent: light-dark(#ffffff, #0c1322);
  --good: light-dark(#1a7040, #6fd39b);
  --bad: light-dark(#b3261e, #ff9a92);
  --bad-ground: light-dark(#fdf0ef, #33191a);
  --warn: light-dark(#8a4b00, #f2b866);
  --code: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace;
}
:root[data-theme='light'] { color-scheme: light; }
:root[data-theme='dark'] { color-scheme: dark; }
* { box-sizing: border-box; }
html { scrollbar-gutter: stable; }
body { margin: 0; color: var(--ink); background: var(--ground); font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
a { color: var(--accent); text-decoration: none; }
a:hover, p a { text-decoration: underline; }
code, pre, .code { font: 0.92em/1.45 var(--code); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
h1:focus-visible, main:focus-visible, .problem:focus-visible, .group:focus-visible { outline-offset: 4px; }
h1 { font-size: 1.45rem; line-height: 1.25; margin: 0; display: flex; flex-wrap: wrap; align-items: center; gap: 0.3rem 0.7rem; }
h2 { font-size: 1.05rem; margin: 0 0 0.6rem; }
p { margin: 0.4rem 0; }
.soft { color: var(--soft); }
.warn { color: var(--warn); }
.prose { max-width: 70ch; white-space: pre-line; }
.unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: 0.5rem; top: -4rem; z-index: 2; background: var(--panel); padding: 0.5rem 1rem; border: 1px solid var(--edge); border-radius: 6px; }
.skip:focus { top: 0.5rem; }
.noscript { padding: 2rem; }

.top { display: flex; align-items: center; gap: 0.4rem 1.2rem; padding: 0.5rem 1.25rem; background: var(--panel); border-bottom: 1px solid var(--edge); min-height: 3.25rem; }
.brand { display: inline-flex; align-items: center; gap: 0.5rem; color: var(--ink); font-weight: 650; }
.brand:hover { text-decoration: none; }
.mark { fill: light-dark(#2457c5, #3d6fdc); }
.mark-lines { fill: none; stroke: #ffffff; stroke-width: 2.4; stroke-linecap: round; }
.mark-lines circle { fill: #ffffff; stroke: none; }
.top nav { display: flex; gap: 0.25rem; margin-right: auto; }
.top nav a { color: var(--soft); padding: 0.35rem 0.7rem; border-radius: 6px; }
.top nav a:hover { background: var(--raised); text-decoration: none; }
.top nav a[aria-current] { color: var(--ink); background: var(--raised); font-weight: 600; }
.liveness { display: inline-flex; align-items: center; gap: 0.4rem; color: var(--soft); font-size: 0.87rem; min-width: 3.4rem; justify-content: flex-end; }
.dot { width: 0.55rem; height: 0.55rem; border-radius: 50%; background: var(--good); }
.waiting .dot { background: transparent; border: 2px solid var(--warn); }
.theme { min-width: 5rem; justify-content: flex-start; }
.theme .word { margin-left: 0.35rem; }

main { display: block; max-width: 76rem; margin: 0 auto; padding: 1.4rem 1.25rem 5rem; }
main > section, .log { background: var(--panel); border: 1px solid var(--edge); border-radius: 10px; padding: 1rem 1.1rem; margin: 0 0 1rem; }
.panel { background: var(--panel); border: 1px solid var(--edge); border-radius: 10px; padding: 1.1rem 1.2rem; margin: 0 0 1rem; }
.head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.6rem 1rem; margin: 0 0 0.9rem; }
.head h2 { margin: 0; font-size: 1.15rem; }
.crumbs { margin: 0 0 0.5rem; color: var(--soft); font-size: 0.92rem; }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; }
.actions .mistake { flex-basis: 100%; }

button, .button { display: inline-flex; align-items: center; justify-content: center; min-height: 2.25rem; padding: 0.3rem 0.85rem; border: 1px solid var(--edge); border-radius: 7px; background: var(--panel); color: var(--ink); font: inherit; font-weight: 550; cursor: pointer; }
button:hover, .button:hover { background: var(--raised); text-decoration: none; }
button:disabled { opacity: 0.55; cursor: default; }
.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
.primary:hover { background: color-mix(in srgb, var(--accent), var(--ink) 18%); }
.danger { color: var(--bad); border-color: color-mix(in srgb, var(--bad), var(--edge) 50%); }
.quiet { min-height: 1.9rem; padding: 0.1rem 0.5rem; border-color: transparent; background: transparent; color: var(--soft); font-weight: 500; font-size: 0.9rem; }
.quiet:hover { color: var(--ink); }
input[type='text'], input[type='search'], input[type='password'], select, textarea { width: 100%; min-height: 2.25rem; padding: 0.35rem 0.6rem; border: 1px solid light-dark(#8a94a6, #66738a); border-radius: 7px; background: var(--panel); color: var(--ink); font: inherit; }
textarea { display: block; resize: vertical; line-height: 1.45; }
textarea:not(.code) { field-sizing: content; max-height: 24rem; }
textarea.code { font: 0.88rem/1.5 var(--code); }
input[type='checkbox'] { width: 1.05rem; height: 1.05rem; margin: 0; accent-color: var(--accent); }
::placeholder { color: var(--soft); opacity: 1; }
[aria-invalid='true'] { border-color: var(--bad) !important; box-shadow: 0 0 0 1px var(--bad); }

.follow { display: inline-flex; align-items: center; gap: 0.5rem; color: var(--soft); font-size: 0.92rem; min-height: 2rem; cursor: pointer; }
.filter { display: grid; grid-template-columns: auto minmax(9rem, 14rem) minmax(12rem, 1fr); gap: 0.6rem; align-items: center; }
.states { display: flex; flex-wrap: wrap; gap: 0.35rem; border: 0; margin: 0; padding: 0; min-width: 0; }
.chip { min-height: 2.25rem; padding: 0.2rem 0.7rem; gap: 0.45rem; font-weight: 500; }
.chip .count { color: var(--soft); font-variant-numeric: tabular-nums; min-width: 1ch; }
.chip[aria-pressed='true'] { border-color: var(--accent); background: color-mix(in srgb, var(--accent), var(--panel) 84%); box-shadow: inset 0 0 0 1px var(--accent); }
.chip[aria-pressed='true'] .count { color: var(--ink); }
.chip[aria-pressed='true']::before { content: '✓' / ''; color: var(--accent); font-weight: 700; }
.news { display: flex; align-items: center; height: 2.6rem; font-size: 0.92rem; }
.news button { min-height: 1.9rem; padding: 0.1rem 0.8rem; color: var(--accent); border-color: var(--accent); border-radius: 1rem; }

.jobs { width: 100%; table-layout: fixed; border-collapse: separate; border-spacing: 0; background: var(--panel); border: 1px solid var(--edge); border-radius: 10px; overflow: hidden; font-size: 0.95rem; }
.jobs th { text-align: left; font-size: 0.82rem; font-weight: 600; color: var(--soft); background: var(--raised); padding: 0.4rem 0.75rem; }
.jobs td { height: 2.75rem; padding: 0 0.75rem; border-top: 1px solid var(--edge); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.jobs tbody tr { position: relative; }
.jobs tbody tr:hover { background: color-mix(in srgb, var(--raised), transparent 40%); }
.jobs tr:has(a:focus-visible) { box-shadow: inset 0 0 0 2px var(--accent); }
.jobs td.id a::after { content: ''; position: absolute; inset: 0; }
.jobs .state { width: 8.9rem; text-overflow: clip; }
.jobs .tool { width: 24%; }
.jobs td.tool { font-weight: 550; }
.jobs .age, .jobs .took { width: 7.5rem; font-variant-numeric: tabular-nums; }
.jobs .id { width: 7.8rem; }
.jobs td.age, .jobs td.took { color: var(--soft); }
.jobs .progress .said { color: var(--soft); }
.bar { display: inline-block; vertical-align: middle; width: 5rem; height: 0.45rem; margin-right: 0.6rem; border-radius: 1rem; background: var(--edge); overflow: hidden; }
.bar > span { display: block; height: 100%; width: var(--share); background: var(--accent); border-radius: 1rem; }
.badge { display: inline-flex; align-items: center; gap: 0.4rem; padding: 0.05rem 0.6rem; border-radius: 1rem; font-size: 0.87rem; font-weight: 600; line-height: 1.55rem; letter-spacing: 0; background: var(--raised); color: var(--soft); }
.badge.running { color: var(--accent); }
.badge.succeeded { color: var(--good); }
.badge.failed { color: var(--bad); background: var(--bad-ground); }
.badge.stalled { color: var(--warn); }
.pager { display: flex; justify-content: space-between; padding: 0.9rem 0.2rem; min-height: 3rem; }
.pager a:only-child { margin-left: auto; }
.pager a { padding: 0.3rem 0.2rem; }

.empty { text-align: center; padding: 3.5rem 1rem; background: var(--panel); border: 1px dashed var(--edge); border-radius: 10px; color: var(--soft); }
.empty .title, .empty h1 { font-size: 1.15rem; color: var(--ink); font-weight: 600; justify-content: center; }
.loading { color: var(--soft); padding: 2rem 0; animation: appear 0.2s 0.4s both; }
@keyframes appear { from { opacity: 0; } }
.problem { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.5rem 1rem; margin: 0 0 1rem; padding: 0.6rem 0.9rem; border: 1px solid color-mix(in srgb, var(--bad), transparent 45%); border-left-width: 4px; border-radius: 8px; background: var(--bad-ground); color: var(--bad); }
.problem p { margin: 0; }
.problem ul { list-style: none; margin: 0; padding: 0; }
.problem a { color: inherit; text-decoration: underline; }
.mistake { color: var(--bad); margin: 0.3rem 0 0; font-size: 0.92rem; }
.token { max-width: 30rem; margin: 3rem auto; display: grid; gap: 0.6rem; }
.token label { font-weight: 600; }
.token button { justify-self: start; }

.facts { display: flex; flex-wrap: wrap; gap: 0.5rem 2.2rem; margin: 0 0 1.2rem; }
.facts dt { color: var(--soft); font-size: 0.85rem; }
.facts dd { margin: 0; }
.numbers, .number { font-variant-numeric: tabular-nums; }
.steps { width: 100%; table-layout: fixed; border-collapse: collapse; }
.steps th { text-align: left; font-weight: 600; padding: 0.3rem 0.75rem 0.3rem 0; }
.steps td.line, .steps tbody .line { padding-right: 0; }
.steps thead th { font-size: 0.82rem; color: var(--soft); }
.steps td { padding: 0.45rem 0.75rem 0.45rem 0; }
.steps tbody tr { border-top: 1px solid var(--edge); }
.steps .name { width: 20%; }
.steps .state { width: 24%; }
.steps .number { width: 6.2rem; text-align: right; padding-right: 0; }
.steps .done .state > span:first-child { color: var(--good); }
.steps .active .state > span:first-child { color: var(--accent); }
.steps .failed .state { color: var(--bad); }
.steps .waiting, .steps .stopped { color: var(--soft); }
.steps .line { position: relative; }
.steps tbody .line { background: linear-gradient(to right, var(--edge) 1px, transparent 1px 25%, var(--edge) 25% calc(25% + 1px), transparent calc(25% + 1px) 50%, var(--edge) 50% calc(50% + 1px), transparent calc(50% + 1px) 75%, var(--edge) 75% calc(75% + 1px), transparent calc(75% + 1px) calc(100% - 1px), var(--edge) calc(100% - 1px)); }
.span { position: absolute; top: 50%; left: var(--from); width: max(4px, var(--width)); height: 0.85rem; transform: translateY(-50%); border-radius: 3px; background: var(--good); }
.active .span { background: var(--accent); }
.failed .span { background: var(--bad); }
.stopped .span { background: var(--soft); }
.scale { display: flex; justify-content: space-between; color: var(--soft); font-size: 0.8rem; font-variant-numeric: tabular-nums; }
.below { display: none; margin: 0; }
.errors { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.6rem; }
.error { border-left: 4px solid var(--bad); background: var(--bad-ground); border-radius: 6px; padding: 0.5rem 0.9rem; }
.error .what { margin: 0; }
.error .message { margin: 0.15rem 0; white-space: pre-wrap; font-family: var(--code); font-size: 0.9rem; }
.error pre { margin: 0.3rem 0; }
summary { cursor: pointer; padding: 0.15rem 0; }
pre { margin: 0; max-height: 26rem; overflow: auto; padding: 0.7rem 0.9rem; border-radius: 7px; background: var(--raised); font-size: 0.86rem; white-space: pre-wrap; }
.error pre { background: color-mix(in srgb, var(--bad-ground), var(--ink) 6%); }
.json { margin: 0 0 1rem; }
.json figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; gap: 0.2rem 1rem; font-weight: 600; margin-bottom: 0.25rem; }
.json figcaption .soft { font-weight: 400; }
.json .name { color: var(--accent); }
.json .number, .json .word { color: var(--warn); }
.json .string { color: var(--good); }
.json .mark { color: var(--soft); }
.step-payloads { margin: 0 0 1rem; }
.step-payloads summary { font-weight: 600; }
.step-payloads summary .soft { font-weight: 400; }
.step-payloads ol { list-style: none; margin: 0.5rem 0 0; padding: 0; }
.step-payloads .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 0 1rem; }
.step-payloads .pair > * { min-width: 0; }
.tree, .tree ul { list-style: none; margin: 0; padding: 0; }
.tree ul { padding-left: 1.2rem; border-left: 1px solid var(--edge); margin-left: 0.35rem; }
.branch { display: inline-flex; flex-wrap: wrap; align-items: center; gap: 0 0.4rem; min-height: 1.95rem; }
.branch.succeeded > span:first-child { color: var(--good); }
.branch.failed > span:first-child { color: var(--bad); }
.branch.open > span:first-child { color: var(--accent); }
.log summary { font-weight: 600; }
.log ol { list-style: none; margin: 0.6rem 0 0; padding: 0; font-size: 0.92rem; }
.log li { padding: 0.12rem 0; }
.log time { color: var(--soft); font-family: var(--code); font-size: 0.85rem; margin-right: 0.6rem; }
dialog { max-width: 28rem; padding: 1.3rem 1.4rem; border: 1px solid var(--edge); border-radius: 12px; background: var(--panel); color: var(--ink); }
dialog::backdrop { background: rgb(0 0 0 / 45%); }
dialog .actions { margin-top: 1rem; }

.graph { list-style: none; display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 0; margin: 0.9rem 0; padding: 0; }
.graph li { display: inline-flex; align-items: center; }
.graph .box { display: grid; gap: 0; min-width: 7rem; min-height: 3.3rem; align-content: center; text-align: center; padding: 0.35rem 0.9rem; border: 1.5px solid light-dark(#8a94a6, #66738a); border-radius: 9px; background: var(--raised); }
.graph .name { font-weight: 600; }
.graph .note { color: var(--soft); font-size: 0.8rem; min-height: 1.2rem; }
.graph .busy .box { border-color: var(--accent); }
.graph .busy .note { color: var(--accent); font-weight: 600; }
.graph .end .box { border-radius: 2rem; background: transparent; color: var(--soft); font-size: 0.9rem; min-width: 0; min-height: 2.2rem; border-width: 1px; }
.graph .none .box { border-style: dashed; }
.arrow { flex: none; width: 3rem; height: 1.5rem; fill: none; stroke: var(--soft); stroke-width: 1.5; }
.arrow .tip { fill: var(--soft); stroke: none; }
.arrow.dashed path:first-child { stroke-dasharray: 5 4; }
.counts { display: flex; flex-wrap: wrap; gap: 0.1rem 0.9rem; margin: 0.6rem 0 0; font-size: 0.92rem; font-variant-numeric: tabular-nums; }

.call { max-width: 46rem; display: grid; gap: 0.9rem; }
.call .head { margin: 0; }
.switch { display: inline-flex; }
.switch button { border-radius: 0; }
.switch button:first-child { border-radius: 7px 0 0 7px; }
.switch button:last-child { border-radius: 0 7px 7px 0; margin-left: -1px; }
.switch [aria-pressed='true'] { background: var(--raised); border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
.field > label:first-child { display: block; font-weight: 600; margin-bottom: 0.2rem; }
.field label .soft, legend .soft { font-weight: 400; font-size: 0.9rem; }
.field.absent { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.2rem 1rem; border: 1px dashed var(--edge); border-radius: 9px; padding: 0.4rem 0.5rem 0.4rem 1rem; }
.field.absent .title { font-weight: 600; }
.field.absent .about { flex-basis: 100%; margin-top: -0.3rem; }
.field.check { display: flex; flex-wrap: wrap; align-items: center; gap: 0 0.6rem; min-height: 2rem; }
.field.check label { font-weight: 600; }
.field.check .hint, .field.check .mistake { flex-basis: 100%; }
.filter .field { display: block; min-width: 0; }
.hint { color: var(--soft); font-size: 0.9rem; margin: 0.25rem 0 0; white-space: pre-line; }
.group { min-width: 0; margin: 0; border: 1px solid var(--edge); border-radius: 9px; padding: 0.5rem 1rem 0.9rem; display: grid; gap: 0.8rem; justify-items: start; }
.group > * { width: 100%; }
.group > button { width: auto; }
.about:empty { display: none; }
.group legend { font-weight: 600; padding: 0 0.3rem; width: auto; }
.item { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0.4rem; align-items: end; }

@media (max-width: 60rem) {
  .filter { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  .states { grid-column: 1 / -1; }
  .jobs .age { display: none; }
}
@media (max-width: 44rem) {
  .top { flex-wrap: wrap; padding: 0.5rem 0.9rem; gap: 0.3rem 0.7rem; }
  .theme { min-width: 0; }
  .theme .word { display: none; }
  .top nav { gap: 0; }
  .top nav a { padding: 0.35rem 0.5rem; }
  .liveness { min-width: 0; margin-left: auto; }
  main { padding: 1rem 0.9rem 4rem; }
  .filter { grid-template-columns: minmax(0, 1fr); }
  .jobs, .jobs tbody { display: block; }
  .jobs thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .jobs tbody tr { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: 0.1rem 0.7rem; padding: 0.6rem 0.8rem; border-top: 1px solid var(--edge); min-height: 4.6rem; align-content: center; }
  .jobs tbody tr:first-child { border-top: 0; }
  .jobs td { display: block; width: auto !important; height: auto; border: 0; padding: 0; }
  .jobs td.state { grid-column: 1; grid-row: 2; }
  .jobs td.tool { grid-column: 1 / 3; grid-row: 1; }
  .jobs td.took { grid-column: 3; grid-row: 1; text-align: right; }
  .jobs td.progress { grid-column: 2; grid-row: 2; font-size: 0.9rem; min-height: 1.4rem; align-self: center; }
  .jobs td.progress .bar { display: none; }
  .jobs td.id { grid-column: 3; grid-row: 2; text-align: right; }
  .steps, .steps tbody, .steps tr, .steps th, .steps td { display: block; width: auto !important; }
  .steps thead { display: none; }
  .steps tr { padding: 0.5rem 0; display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; }
  .steps th, .steps td { padding: 0; }
  .steps .name { flex: 1 1 50%; }
  .steps .state { order: 2; flex: 1 1 60%; font-size: 0.92rem; }
  .steps .line { order: 4; flex: 0 0 100%; height: 1.1rem; margin-top: 0.2rem; }
  .steps .number { order: 1; }
  .steps .number:last-child { display: none; }
  .below { display: block; }
  .graph { display: grid; justify-items: stretch; gap: 0; }
  .graph li { display: grid; justify-items: center; }
  .graph .box { width: 100%; min-height: 2.6rem; }
  .arrow { transform: rotate(90deg); margin: 0.45rem 0; width: 2.2rem; }
  .graph .end .box { width: auto; }
  .item { grid-template-columns: minmax(0, 1fr); }
}
@media (prefers-reduced-motion: no-preference) {
  .bar > span, .span { transition: width 0.25s linear; }
}
@media (forced-colors: active) {
  .bar > span, .span, .dot { background: CanvasText; }
}
`
