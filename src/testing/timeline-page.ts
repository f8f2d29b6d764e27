import type { TimelineData } from './timeline.ts';
import { timelineScript } from './timeline-script.ts';
import { timelineStyle } from './timeline-style.ts';

/** The page around the data. */
export function timelinePage(data: TimelineData): string {
  const { title, digest, violation } = data;
  const heading = violation
    ? `<p class="verdict"><strong>${escaped(violation.invariant)}</strong> <span>${escaped(violation.message)}</span></p>`
    : '<p class="verdict kept"><strong>No violation</strong></p>';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)} ${digest} · Daruma timeline</title>
<style>${timelineStyle}</style>
</head>
<body>
<header>
  <div class="name"><h1>${escaped(title)}</h1><span id="facts"></span></div>
  ${heading}
</header>
<div class="bar" role="toolbar" aria-label="Timeline">
  <div class="legend" aria-hidden="true">
    <i class="waiting"></i>waiting <i class="starting"></i>starting <i class="running"></i>running
    <i class="stopping"></i>stopping <i class="backoff"></i>backoff <i class="failed"></i>failed
    <i class="unstopped"></i>unstopped <b class="fault"></b>fault <b class="call"></b>call
  </div>
  <div class="tools">
    <button id="scale" title="Distances by time, or by what happens (t)"></button>
    <button id="out" title="Zoom out (-)" aria-label="Zoom out">−</button>
    <button id="in" title="Zoom in (+)" aria-label="Zoom in">+</button>
    <button id="fit" title="Show everything (0)">Fit</button>
    <button id="fault" title="Next fault (f)">Next fault</button>
    ${violation ? '<button id="violation" title="Go to the violation (v)">Violation</button>' : ''}
  </div>
</div>
<main>
  <section class="chart" aria-label="Lanes">
    <div id="labels"></div>
    <div id="view" tabindex="0" aria-label="Arrow keys go from event to event"><svg id="svg"></svg></div>
  </section>
  <aside id="detail" aria-live="polite"></aside>
  <section class="list" aria-label="Events">
    <input id="filter" type="search" placeholder="Filter events: path, type or text" aria-label="Filter events">
    <ol id="events"></ol>
  </section>
</main>
<div id="tip" role="tooltip" hidden></div>
<script type="application/json" id="data">${embedded(data)}</script>
<script>${timelineScript}</script>
</body>
</html>
`;
}

/** No text of a tree can end the element that it is in. */
function embedded(data: TimelineData): string {
  return JSON.stringify(data).replaceAll('<', '\\u003c');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
