import { alarmLine, nothing } from './alarmline.js';
import { boot, t } from './boot.js';
import { caseLine } from './caseline.js';
import { el, show, sync } from './dom.js';
import { draw, forget } from './chart.js';
import * as facts from './facts.js';
import { num } from './format.js';
import { poll } from './poll.js';

const $ = (id) => document.getElementById(id);
const base = `/api/v1/transformers/${encodeURIComponent(boot.transformer)}`;
const days = { today: 1, '3d': 3, '30d': 30 };
const curveEvery = 15_000; // ms between readings of the curve
const daysEvery = 300_000; // ms between readings of the days
const dayMs = 86_400_000;

let range = 'today';
let status = null;
let curve = null;
let asked = 0;
let askedDays = -daysEvery;

// windowOf gives the range in milliseconds: whole local days, the last one up
// to its end, so that the chart does not slide.
function windowOf() {
  const start = Date.parse(status.day_start);
  return { from: start - (days[range] - 1) * dayMs, to: start + dayMs, now: Date.parse(status.now) };
}

async function readCurve() {
  asked = performance.now();
  const mine = range;
  const w = windowOf();
  const ask = new URLSearchParams({ from: new Date(w.from).toISOString(), to: new Date(Math.min(w.to, w.now + 1000)).toISOString() });
  if ($('csv')) $('csv').href = `${base}/curve.csv?${ask}&lang=${boot.lang}`;
  let body;
  try {
    const reply = await fetch(`${base}/series?${ask}`, { signal: AbortSignal.timeout(20_000) });
    if (!reply.ok) return;
    body = await reply.json();
  } catch {
    return; // the frozen mark tells it
  }
  if (mine !== range) return;
  curve = { ...body, from: w.from / 1000, to: w.to / 1000 };
  drawAll();
}

// dayOf names the local day of a moment, as the server does.
const isoDay = new Intl.DateTimeFormat('sv-SE', { timeZone: boot.time_zone });
const dayOf = (ms) => isoDay.format(new Date(ms));

async function readDays() {
  askedDays = performance.now();
  const noon = Date.parse(status.day_start) + dayMs / 2;
  try {
    const reply = await fetch(`${base}/days?from=${dayOf(noon - 365 * dayMs)}`, { signal: AbortSignal.timeout(20_000) });
    if (!reply.ok) throw new Error(String(reply.status));
    facts.peaks($('peaks'), await reply.json(), dayOf(noon - 30 * dayMs));
  } catch {
    askedDays += daysEvery - curveEvery; // sooner again
    show($('peaks'), el('dt', { class: 'wide' }, t('pk.failed')));
  }
}

function drawAll() {
  if (!curve) return;
  const s = curve;
  $('step').textContent = t('step.note', num(s.step_s / 60));
  if (s.t.length === 0) {
    for (const id of ['chart-pct', 'chart-kva', 'chart-heat']) {
      forget($(id));
      show($(id), el('p', { class: 'note' }, t('empty.curve')));
    }
    return;
  }
  const made = Object.entries(s.made_by ?? {});
  $('made').hidden = made.length === 0;
  $('made').textContent = t('made.note', num(made.reduce((sum, [, n]) => sum + n, 0)), made.map(([rule]) => rule).join(', '));
  const narrow = innerWidth < 760;
  draw($('chart-pct'), s, [
    { label: t('ser.worst'), values: s.phase_max_pct, tint: '--band', width: 6, decimals: 1 },
    { label: t('ser.a'), values: s.pct_a, tint: '--phase-a', decimals: 1 },
    { label: t('ser.b'), values: s.pct_b, tint: '--phase-b', dash: [7, 3], decimals: 1 },
    { label: t('ser.c'), values: s.pct_c, tint: '--phase-c', dash: [2, 3], decimals: 1 },
    ...(made.length === 0 ? [] : [{
      label: t('ser.made'), values: s.phase_max_pct.map((x, i) => (s.grade[i] === 'estimated' ? x : null)), tint: '--warning', width: 3, dash: [1, 5], decimals: 1,
    }]),
  ], {
    unit: '%', floor: 0, ceiling: s.critical_pct * 1.08, height: narrow ? 240 : 320,
    limits: [
      { at: s.warn_pct, text: t('line.warn', num(s.warn_pct)), tint: '--warning', below: true },
      { at: s.critical_pct, text: t('line.crit', num(s.critical_pct)), tint: '--critical' },
    ],
  });
  draw($('chart-kva'), s, [
    { label: t('ser.s'), values: s.s_kva, tint: '--ink', unit: 'kVA' },
    { label: t('ser.p'), values: s.p_kw, tint: '--phase-a', dash: [6, 3], unit: 'kW' },
  ], {
    unit: '', floor: 0, ceiling: s.rated_kva === null ? null : s.rated_kva * 1.08, height: 190,
    limits: s.rated_kva === null ? [] : [{ at: s.rated_kva, text: t('line.rated', num(s.rated_kva)), tint: '--critical' }],
  });
  draw($('chart-heat'), s, [
    { label: t('ser.hot'), values: s.hot_spot_c, tint: '--ink' },
    { label: t('ser.oil'), values: s.top_oil_c, tint: '--phase-b', dash: [7, 3] },
    { label: t('ser.ambient'), values: s.ambient_c, tint: '--phase-a', dash: [2, 3] },
  ], {
    unit: '°C', floor: 20, height: 190,
    limits: [{ at: boot.hot_warn_c, text: t('line.heat', num(boot.hot_warn_c)), tint: '--warning' }],
  });
}

function render(a) {
  status = a.status;
  const r = a.row;
  $('station').className = `station ${r.state}`;
  facts.figure($('figure'), r);
  $('stale-note').hidden = r.state !== 'stale';
  $('now-title').textContent = t(r.state === 'stale' ? 'col.last' : 'h.now');
  $('now').classList.toggle('old', r.state === 'stale');
  facts.now($('now'), a);
  facts.contact($('contact'), a.contact, r);
  facts.plate($('plate'), a.nameplate);
  facts.point($('point'), a.point);
  if (a.alarms.length === 0) $('alarm-list').replaceChildren(nothing('al.none'));
  else sync($('alarm-list'), a.alarms, (x) => x.id, (x) => alarmLine(x, null));
  if ($('case-part')) {
    $('case-part').hidden = a.cases.length === 0;
    sync($('case-list'), a.cases, (c) => String(c.id), (c) => caseLine(c, null));
  }
  if (!curve || performance.now() - asked > curveEvery) readCurve();
  if ($('peaks') && performance.now() - askedDays > daysEvery) readDays();
}

for (const button of document.querySelectorAll('[data-range]')) {
  button.addEventListener('click', () => {
    range = button.dataset.range;
    for (const b of document.querySelectorAll('[data-range]')) b.setAttribute('aria-pressed', String(b === button));
    if (status) readCurve();
  });
}
let resizing = 0;
addEventListener('resize', () => {
  clearTimeout(resizing);
  resizing = setTimeout(drawAll, 150);
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
poll(() => base, render);
