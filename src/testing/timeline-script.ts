/** What the timeline does in the browser. Plain script: the page is one file. */
export const timelineScript = `
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const { lanes, events, violation } = data;
const $ = (id) => document.getElementById(id);
const laneHeight = 34, top0 = 44, pad = 18;
const proof = new Set(violation ? violation.evidence : []);
const end = events.length ? events[events.length - 1].at : 0;
const instants = [...new Set(events.map((e) => e.at))].sort((a, b) => a - b);
const xs = new Map();
let byTime = false, zoom = 1, picked = -1, fullWidth = 1;

const text = (ms) => ms >= 60000 ? +(ms / 60000).toFixed(3) + ' min' : ms >= 1000 ? +(ms / 1000).toFixed(3) + ' s' : +ms.toFixed(3) + ' ms';
const depth = (path) => path.split('/').length - 1;
$('facts').textContent = events.length + ' events · ' + text(end) + ' of virtual time · ' +
  events.filter((e) => e.type === 'fault').length + ' faults · ' + data.digest;

function layout() {
  const room = Math.max(200, $('view').clientWidth - 2 * pad);
  const raw = [0];
  for (let i = 1; i < instants.length; i++) {
    const gap = instants[i] - instants[i - 1];
    raw.push(raw[i - 1] + (byTime ? gap : 1 + 1.2 * Math.log10(1 + gap)));
  }
  const total = raw[raw.length - 1] || 1;
  const min = byTime ? 0 : 11 * total;
  fullWidth = Math.max(room, zoom === 1 ? room : min) * zoom;
  instants.forEach((at, i) => xs.set(at, pad + raw[i] / total * fullWidth));
}
const x = (at) => xs.get(at) ?? pad;
const y = (path) => top0 + lanes.findIndex((l) => l.path === path) * laneHeight;
const ns = 'http://www.w3.org/2000/svg';
function add(parent, name, attrs, content) {
  const el = document.createElementNS(ns, name);
  for (const key in attrs) el.setAttribute(key, attrs[key]);
  if (content !== undefined) el.textContent = content;
  parent.append(el);
  return el;
}

function draw() {
  layout();
  const svg = $('svg'), height = top0 + lanes.length * laneHeight + 8, width = fullWidth + 2 * pad;
  svg.replaceChildren();
  svg.setAttribute('width', width); svg.setAttribute('height', height);
  lanes.forEach((lane, i) => { if (i % 2) add(svg, 'rect', { class: 'band', x: 0, y: top0 + i * laneHeight, width, height: laneHeight }); });
  let free = -1;
  for (const at of instants) {
    if (x(at) < free) continue;
    add(svg, 'line', { class: 'grid', x1: x(at), x2: x(at), y1: top0 - 6, y2: height });
    const label = add(svg, 'text', { class: 'tick', x: x(at) + 3, y: top0 - 14 }, text(at));
    const length = label.getComputedTextLength();
    if (x(at) + length + 8 > width) { label.setAttribute('text-anchor', 'end'); label.setAttribute('x', x(at) - 3); if (x(at) - length - 16 < free) label.remove(); }
    free = x(at) + Math.max(60, length + 16);
  }
  for (const lane of lanes) {
    const group = lane.isSupervisor, h = group ? 8 : 18, cy = y(lane.path) + laneHeight / 2;
    for (const span of lane.spans) {
      const left = x(span.from), w = Math.max(3, x(span.to) - left);
      const rect = add(svg, 'rect', { class: 's ' + span.status + (group ? ' group' : ''), x: left, y: cy - h / 2, width: w, height: h });
      hover(rect, lane.path + (span.incarnation ? '#' + span.incarnation : '') + ' ' + span.status + ', ' + text(span.from) + ' to ' + text(span.to));
      rect.addEventListener('click', () => pick(span.fromSeq));
      if (!group && w > 26 && span.status === 'running') add(svg, 'text', { class: 'life', x: left + 7, y: cy + 4 }, '#' + span.incarnation);
    }
  }
  for (const e of events) if (proof.has(e.seq)) add(svg, 'circle', { class: 'proof', cx: x(e.at), cy: y(e.path) + laneHeight / 2, r: 8 });
  for (const lane of lanes) {
    const stacked = new Map();
    for (const pin of lane.pins) {
      const n = stacked.get(pin.at) ?? 0; stacked.set(pin.at, n + 1);
      const cx = x(pin.at) + n * 7, cy = y(lane.path) + 7;
      const el = pin.kind === 'fault'
        ? add(svg, 'path', { class: 'fault', d: 'M' + cx + ' ' + (cy - 6) + 'l6 6l-6 6l-6 -6z' })
        : add(svg, 'circle', { class: 'call', cx, cy, r: 5 });
      hover(el, pin.label + ', at ' + text(pin.at));
      el.addEventListener('click', () => pick(pin.seq));
    }
  }
  if (violation) {
    const at = x(violation.at) || pad, late = at > width - 160;
    add(svg, 'line', { class: 'red', x1: at, x2: at, y1: 6, y2: height });
    const label = add(svg, 'text', { class: 'redlabel', x: late ? at - 6 : at + 6, y: 16 }, violation.invariant);
    if (late) label.setAttribute('text-anchor', 'end');
  }
  drawPick();
}

function drawPick() {
  for (const el of document.querySelectorAll('.pick, .dot')) el.remove();
  const e = events[picked];
  if (!e) return;
  add($('svg'), 'line', { class: 'pick', x1: x(e.at), x2: x(e.at), y1: top0 - 6, y2: top0 + lanes.length * laneHeight });
  add($('svg'), 'circle', { class: 'dot', cx: x(e.at), cy: y(e.path) + laneHeight / 2, r: 5 });
}

function pick(seq, quiet) {
  picked = events.findIndex((e) => e.seq === seq);
  const e = events[picked];
  if (!e) return;
  const detail = $('detail');
  detail.replaceChildren();
  const put = (name, content, cls) => { const el = document.createElement(name); el.textContent = content; if (cls) el.className = cls; detail.append(el); };
  put('h2', e.path + (e.incarnation ? '#' + e.incarnation : ''));
  put('span', 'event ' + e.seq + ' of ' + events.length + ' · ' + text(e.at) + ' · ' + e.type, 'when');
  put('p', e.text);
  if (proof.has(e.seq)) put('p', 'One of the events that prove the violation.', 'when');
  for (const li of document.querySelectorAll('#events .on')) li.classList.remove('on');
  const li = document.querySelector('#events li[data-seq="' + seq + '"]');
  if (li) { li.classList.add('on'); if (!quiet) li.scrollIntoView({ block: 'nearest' }); }
  drawPick();
  const view = $('view'), at = x(e.at);
  if (at < view.scrollLeft + 30 || at > view.scrollLeft + view.clientWidth - 30) view.scrollLeft = at - view.clientWidth / 2;
}

function step(by, same) {
  const path = events[picked]?.path;
  for (let i = picked + by; i >= 0 && i < events.length; i += by) if (!same || events[i].path === path) return pick(events[i].seq);
}
function otherLane(by) {
  const now = events[picked] ?? events[0], i = lanes.findIndex((l) => l.path === now.path) + by;
  const lane = lanes[i];
  if (!lane) return;
  const own = events.filter((e) => e.path === lane.path);
  const near = own.reduce((best, e) => Math.abs(e.seq - now.seq) < Math.abs(best.seq - now.seq) ? e : best, own[0]);
  if (near) pick(near.seq);
}
function nextFault() {
  const later = events.findIndex((e, i) => i > picked && e.type === 'fault');
  const i = later === -1 ? events.findIndex((e) => e.type === 'fault') : later;
  if (i !== -1) pick(events[i].seq);
}
function toViolation() { if (violation) pick(violation.evidence[violation.evidence.length - 1] ?? events.findLast((e) => e.at <= violation.at).seq); }
function setZoom(next) {
  const view = $('view'), centre = (view.scrollLeft + view.clientWidth / 2) / (fullWidth + 2 * pad);
  zoom = Math.min(64, Math.max(1, next));
  draw();
  view.scrollLeft = centre * (fullWidth + 2 * pad) - view.clientWidth / 2;
}
function setScale(next) { byTime = next; $('scale').textContent = byTime ? 'Scale: time' : 'Scale: events'; draw(); }
function hover(el, label) {
  const tip = $('tip');
  el.addEventListener('mousemove', (m) => { tip.hidden = false; tip.textContent = label;
    tip.style.left = Math.min(m.clientX + 14, innerWidth - tip.offsetWidth - 8) + 'px'; tip.style.top = m.clientY + 16 + 'px'; });
  el.addEventListener('mouseleave', () => { tip.hidden = true; });
}

for (const lane of lanes) {
  const el = document.createElement('div');
  el.textContent = lane.path.split('/').pop();
  el.title = lane.path;
  el.style.paddingLeft = 14 + depth(lane.path) * 14 + 'px';
  if (lane.isSupervisor) el.classList.add('group');
  if (violation && violation.path === lane.path) el.classList.add('hit');
  $('labels').append(el);
}
function list() {
  const wanted = $('filter').value.toLowerCase();
  $('events').replaceChildren(...events.filter((e) => (e.path + ' ' + e.type + ' ' + e.text).toLowerCase().includes(wanted)).map((e) => {
    const li = document.createElement('li');
    li.dataset.seq = e.seq;
    li.className = (proof.has(e.seq) ? 'proof ' : '') + (e.type === 'fault' ? 'is-fault ' : '') + (events[picked] === e ? 'on' : '');
    for (const [cls, content] of [['at', text(e.at)], ['', '']]) {
      const el = document.createElement('span'); el.className = cls; el.textContent = content; li.append(el);
    }
    const body = li.lastChild;
    const who = document.createElement('span'); who.className = 'who'; who.textContent = e.path + (e.incarnation ? '#' + e.incarnation : '') + ' ';
    const what = document.createElement('span'); what.className = 'what'; what.textContent = e.text;
    body.append(who, what);
    li.addEventListener('click', () => pick(e.seq, true));
    return li;
  }));
}
$('filter').addEventListener('input', list);
$('in').onclick = () => setZoom(zoom * 1.6);
$('out').onclick = () => setZoom(zoom / 1.6);
$('fit').onclick = () => setZoom(1);
$('scale').onclick = () => setScale(!byTime);
$('fault').onclick = nextFault;
if ($('violation')) $('violation').onclick = toViolation;
$('view').addEventListener('wheel', (w) => { if (!w.ctrlKey) return; w.preventDefault(); setZoom(zoom * (w.deltaY < 0 ? 1.2 : 1 / 1.2)); }, { passive: false });
const keys = { ArrowRight: () => step(1), ArrowLeft: () => step(-1), ArrowDown: () => otherLane(1), ArrowUp: () => otherLane(-1),
  '+': () => setZoom(zoom * 1.6), '=': () => setZoom(zoom * 1.6), '-': () => setZoom(zoom / 1.6), 0: () => setZoom(1),
  f: nextFault, v: toViolation, t: () => setScale(!byTime), n: () => step(1, true), p: () => step(-1, true), '/': () => $('filter').focus() };
addEventListener('keydown', (k) => {
  if (k.ctrlKey || k.metaKey || k.altKey || k.target === $('filter')) { if (k.key === 'Escape') $('view').focus(); return; }
  const act = keys[k.key];
  if (act) { k.preventDefault(); act(); }
});
addEventListener('resize', draw);
list();
setScale(false);
if (violation) toViolation(); else if (events[0]) pick(events[0].seq);
`;
