/** How the timeline looks. */
export const timelineStyle = `
:root {
  --paper: #faf9f6; --card: #fff; --ink: #1d1c1a; --soft: #6f6b63; --line: #e5e1d8; --band: #f4f1ea;
  --waiting: #d9d4c7; --starting: #8fb8de; --running: #6aa84f; --stopping: #b7a6cf; --backoff: #f0b84a;
  --failed: #7d2b2b; --unstopped: #d1603d; --fault: #b3261e; --call: #33658a; --pick: #1d1c1a; --bad: #c62828;
  --on: #fff; color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #171614; --card: #1f1e1b; --ink: #ece8df; --soft: #9c968a; --line: #34312c; --band: #1b1a17;
    --waiting: #4a463e; --starting: #4f7fae; --running: #4f8a3a; --stopping: #7a6a99; --backoff: #b98424;
    --failed: #a34747; --unstopped: #c2542f; --fault: #ff6b5e; --call: #7fb5dd; --pick: #f5f1e8; --bad: #ff5449;
  }
}
* { box-sizing: border-box; }
html, body { height: 100%; }
body { margin: 0; display: flex; flex-direction: column; background: var(--paper); color: var(--ink);
  font: 13px/1.45 ui-sans-serif, system-ui, "Segoe UI", "Helvetica Neue", sans-serif; }
header { padding: 14px 20px 10px; display: grid; gap: 6px; }
.name { display: flex; align-items: baseline; gap: 12px; }
h1 { margin: 0; font-size: 19px; font-weight: 650; letter-spacing: -.01em; }
#facts { color: var(--soft); font-variant-numeric: tabular-nums; }
.verdict { margin: 0; padding: 8px 12px; border-left: 3px solid var(--bad); border-radius: 0 6px 6px 0;
  background: color-mix(in srgb, var(--bad) 9%, var(--card)); max-width: 110ch; }
.verdict strong { color: var(--bad); margin-right: 6px; }
.verdict.kept { border-color: var(--running); background: color-mix(in srgb, var(--running) 9%, var(--card)); }
.verdict.kept strong { color: inherit; }
.bar { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: center; justify-content: space-between;
  padding: 6px 20px; border-block: 1px solid var(--line); background: var(--card); }
.legend { color: var(--soft); font-size: 12px; }
.legend i, .legend b { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin: 0 4px -1px 10px; }
.legend i:first-child { margin-left: 0; }
.legend b.fault { background: var(--fault); transform: rotate(45deg) scale(.8); border-radius: 1px; }
.legend b.call { background: var(--call); border-radius: 50%; transform: scale(.8); }
i.waiting { background: var(--waiting); } i.starting { background: var(--starting); }
i.running { background: var(--running); } i.stopping { background: var(--stopping); }
i.backoff { background: var(--backoff); } i.failed { background: var(--failed); }
i.unstopped { background: var(--unstopped); }
.tools { display: flex; gap: 6px; }
button { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 6px;
  padding: 3px 10px; cursor: pointer; }
button:hover { border-color: var(--soft); }
:focus-visible { outline: 2px solid var(--call); outline-offset: 1px; }
main { flex: 1; min-height: 0; display: grid; grid-template: minmax(0, 1fr) / minmax(0, 1fr) 360px;
  grid-template-areas: "chart detail" "chart list"; grid-template-rows: auto minmax(0, 1fr); }
.chart { grid-area: chart; display: flex; overflow-y: auto; background: var(--card); border-right: 1px solid var(--line); }
#labels { position: sticky; left: 0; z-index: 2; flex: none; padding-top: 44px; min-width: 130px; max-width: 280px;
  border-right: 1px solid var(--line); background: var(--card); align-self: flex-start; }
#labels div { height: 34px; padding: 0 14px; display: flex; align-items: center; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; }
#labels div.group { font-weight: 600; }
#labels div.hit { background: color-mix(in srgb, var(--bad) 12%, var(--card)); }
#view { flex: 1; overflow-x: auto; overflow-y: hidden; align-self: flex-start; }
svg { display: block; font: 11px ui-sans-serif, system-ui, sans-serif; }
.band { fill: var(--band); } .grid { stroke: var(--line); } .tick { fill: var(--soft); font-variant-numeric: tabular-nums; }
rect.s { rx: 4px; } rect.s.waiting { fill: var(--waiting); } rect.s.starting { fill: var(--starting); }
rect.s.running { fill: var(--running); } rect.s.stopping { fill: var(--stopping); } rect.s.backoff { fill: var(--backoff); }
rect.s.failed { fill: var(--failed); } rect.s.unstopped { fill: var(--unstopped); }
rect.s.group { opacity: .55; } rect.s:hover { stroke: var(--ink); stroke-width: 1.5; }
.life { fill: var(--on); pointer-events: none; font-weight: 600; }
.fault { fill: var(--fault); stroke: var(--card); stroke-width: 1.5; cursor: pointer; }
.call { fill: var(--call); stroke: var(--card); stroke-width: 1.5; cursor: pointer; }
.red { stroke: var(--bad); stroke-width: 2; } .redlabel { fill: var(--bad); font-weight: 650; font-size: 12px; }
.proof { fill: none; stroke: var(--bad); stroke-width: 2; }
.pick { stroke: var(--pick); stroke-width: 1; stroke-dasharray: 3 3; } .dot { fill: var(--pick); stroke: var(--card); stroke-width: 2; }
#detail { grid-area: detail; padding: 14px 18px; border-bottom: 1px solid var(--line); background: var(--card); min-height: 118px; }
#detail h2 { margin: 0 0 2px; font-size: 14px; } #detail p { margin: 4px 0 0; overflow-wrap: anywhere; }
#detail .when { color: var(--soft); font-variant-numeric: tabular-nums; }
.list { grid-area: list; display: flex; flex-direction: column; min-height: 0; }
#filter { font: inherit; color: inherit; margin: 10px 14px; padding: 5px 10px; border: 1px solid var(--line); border-radius: 6px; background: var(--card); }
#events { margin: 0; padding: 0 0 20px; list-style: none; overflow-y: auto; flex: 1; }
#events li { display: grid; grid-template-columns: 62px 1fr; gap: 0 10px; padding: 3px 16px; cursor: pointer; border-left: 3px solid transparent; }
#events li:hover { background: var(--band); } #events li.on { background: color-mix(in srgb, var(--call) 16%, var(--paper)); }
#events li.proof { border-left-color: var(--bad); } #events li.is-fault .what { color: var(--fault); }
#events .at { text-align: right; color: var(--soft); font-variant-numeric: tabular-nums; }
#events .who { font-weight: 600; } #events .what { color: var(--soft); overflow-wrap: anywhere; }
#tip { position: fixed; z-index: 9; max-width: 380px; padding: 6px 10px; border-radius: 6px; background: var(--ink); color: var(--paper);
  font-size: 12px; pointer-events: none; box-shadow: 0 4px 18px #0004; }
@media (max-width: 900px) { main { grid-template: auto auto minmax(240px, 1fr) / minmax(0, 1fr); grid-template-areas: "chart" "detail" "list"; }
  html, body { height: auto; } }
`;
