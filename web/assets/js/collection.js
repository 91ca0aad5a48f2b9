import { t } from './boot.js';
import { el, show } from './dom.js';
import { num } from './format.js';
import { poll } from './poll.js';

const $ = (id) => document.getElementById(id);
// Below this share a cell is marked: an AMR fleet gives about 98 %.
const low = 95;

// cell is one unit on one day: rate, numerator and denominator, and what lacks.
function cell(sum, i, day) {
  if (sum === null || sum.due === 0) {
    return el('td', { class: `num d${i}`, 'data-label': day }, '–', el('small', {}, sum === null ? '' : t('cl.none.due')));
  }
  const rate = (100 * sum.received) / sum.due;
  const lacks = [];
  if (sum.silent > 0) lacks.push(t('cl.silent', sum.silent, sum.points));
  if (sum.open > 0) lacks.push(t('ct.open', sum.open));
  // A share that is not whole never shows as 100 %.
  const shown = sum.received < sum.due ? Math.min(rate, 99.9) : rate;
  return el('td', { class: `num d${i}${rate < low ? ' low' : ''}`, title: t('ct.explained', sum.explained), 'data-label': day },
    el('b', {}, `${num(shown, 1)} %`), el('small', {}, `${num(sum.received, 0)} / ${num(sum.due, 0)}`),
    ...lacks.map((text) => el('small', {}, text)));
}

function render(body) {
  $('waiting').hidden = true;
  $('collection').hidden = false;
  const days = body.days.map((d) => d.split('-').slice(1).reverse().join('/'));
  const cells = (sums) => sums.map((sum, i) => cell(sum, i, days[i]));
  show($('collection').tHead, el('tr', {}, el('th', { scope: 'col' }, t('unit')),
    ...days.map((d, i) => el('th', { scope: 'col', class: `num d${i}` }, d))));
  show($('collection').tBodies[0],
    el('tr', { class: 'all' }, el('td', {}, el('b', {}, t('unit.all'))), ...cells(body.all)),
    ...body.units.map((u) => el('tr', {}, el('td', {}, u.name, el('small', {}, u.id)), ...cells(u.days))));
  if ($('day').value === '') $('day').value = body.days.at(-1);
}

const chosen = new URLSearchParams(location.search).get('day') ?? '';
$('day').value = chosen;
let asked = chosen;
const ask = poll(() => `/api/v1/collection${asked ? `?day=${encodeURIComponent(asked)}` : ''}`, render);
$('day').addEventListener('change', () => {
  asked = $('day').value;
  ask();
});
$('days').addEventListener('submit', (e) => e.preventDefault());
