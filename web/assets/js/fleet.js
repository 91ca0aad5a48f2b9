import { boot, t } from './boot.js';
import { el, show, sync } from './dom.js';
import { num } from './format.js';
import { ageOf } from './head.js';
import { poll } from './poll.js';
import { rankingRow, staleRow } from './row.js';

const $ = (id) => document.getElementById(id);
const search = $('q');
const unit = $('unit');

function url() {
  const ask = new URLSearchParams({ limit: '200' });
  if (search.value.trim()) ask.set('q', search.value.trim());
  if (unit.value) ask.set('unit', unit.value);
  return `/api/v1/fleet?${ask}`;
}

const tile = (kind, figure, label, note) =>
  el('div', { class: `tile ${kind}` }, el('b', {}, figure), el('span', {}, label), el('small', {}, note));

// unjudged names the fresh rows that have no percentage to judge by.
const unjudged = (c) => [['tile.norating', c.no_rating], ['tile.suspect', c.suspect]]
  .filter(([, n]) => n > 0)
  .map(([label, n]) => `+ ${num(n)} ${t(label).toLowerCase()}`)
  .join(' ');

function tiles(c, now) {
  const all = c.critical + c.warning + c.normal + c.no_rating + c.suspect + c.stale;
  const of = t('tile.of', num(all));
  const newest = c.newest_age_s === null ? '–' : ageOf(new Date(Date.parse(now) - c.newest_age_s * 1000).toISOString());
  show($('tiles'),
    tile(c.critical > 0 ? 'critical' : '', num(c.critical), t('tile.critical'), t('tile.unit.phas', num(boot.critical_pct))),
    tile(c.warning > 0 ? 'warning' : '', num(c.warning), t('tile.warning'), t('tile.unit.warn', num(boot.warn_pct), num(boot.critical_pct))),
    tile(c.stale > 0 ? 'gone' : '', num(c.stale), t('tile.stale'), of),
    tile('', num(c.normal), t('tile.normal'), unjudged(c) || of),
    tile('', num(c.meters), t('tile.meters'), of),
    tile('', newest, t('tile.newest'), t('tile.newest.of')));
  return all;
}

function units(list) {
  const mark = JSON.stringify(list);
  if (unit.dataset.mark === mark) return;
  const chosen = unit.value;
  unit.replaceChildren(unit.options[0], ...list.map((u) => el('option', { value: u.id }, u.name || u.id)));
  unit.value = list.some((u) => u.id === chosen) ? chosen : '';
  unit.dataset.mark = mark;
}

function render(a) {
  units(a.units);
  const all = tiles(a.counts, a.status.now);
  sync($('ranking').tBodies[0], a.rows, (r) => r.id, rankingRow);
  sync($('stale').tBodies[0], a.stale, (r) => r.id, staleRow);
  $('ranking').hidden = a.rows.length === 0;
  $('stale-part').hidden = a.stale.length === 0;
  $('unranked').hidden = a.stale.length === 0;
  $('unranked').firstElementChild.textContent = t('unranked', num(a.stale.length));
  const shown = a.rows.length + a.stale.length;
  $('found').textContent = t('found', num(a.found)) + (shown < a.found ? ` – ${t('shown', num(shown))}` : '');
  const nothing = $('waiting');
  nothing.hidden = a.found > 0;
  nothing.textContent = all === 0 && !unit.value ? t('none.fleet') : t('none.found');
}

const ask = poll(url, render);
let typing = 0;
search.addEventListener('input', () => {
  clearTimeout(typing);
  typing = setTimeout(ask, 120);
});
unit.addEventListener('change', ask);
$('filter').addEventListener('submit', (e) => {
  e.preventDefault();
  ask();
});
