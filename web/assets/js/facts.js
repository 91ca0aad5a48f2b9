import { boot, known, t } from './boot.js';
import { el, show } from './dom.js';
import { date, minuteTime, minutesLeft, moment, num, span } from './format.js';
import { ageOf, serverNow } from './head.js';
import { reason, sign } from './row.js';

const lines = (...pairs) => pairs.filter(([, v]) => v !== '' && v !== null && v !== undefined)
  .flatMap(([k, v]) => [el('dt', {}, t(k)), el('dd', {}, v)]);

const orUnknown = (x, decimals, unit) => (x === null ? t('unknown') : num(x, decimals, unit));

// word is the text of a code, or the code itself where there is none.
const word = (prefix, x) => (x && known(`${prefix}.${x}`) ? t(`${prefix}.${x}`) : x);

// figure is the one number that the page is about.
export function figure(node, r) {
  const old = r.state === 'stale' || r.state === 'no-data';
  show(node, sign(r.state),
    r.phase_max_pct === null ? el('b', {}, num(r.s_kva, 0, 'kVA')) : el('b', {}, num(r.phase_max_pct, 1, '%')),
    el('span', {}, r.worst_phase ? t('phase', r.worst_phase) : '', ' ', r.governor ? el('small', {}, t(`gov.${r.governor}`)) : ''),
    el('small', {}, r.at ? ageOf(r.at, 'al.value.age') : t('never'), old ? ` · ${reason(r)}` : ''));
}

// now lists the figures of the newest value.
export function now(node, a) {
  const r = a.row;
  const amps = r.amps.map((x) => num(x)).join(' / ');
  show(node, lines(
    ['now.amps', `${amps}\u00a0A`],
    ['now.limit', r.limit_a === null ? t('unknown') : `${num(r.limit_a, 0, 'A')} ${r.governor ? t(`gov.${r.governor}`) : ''}`],
    ['now.s', `${num(r.s_kva, 0, 'kVA')} · ${num(r.loading_pct, 0, '%')}`],
    ['now.p', num(r.p_kw, 0, 'kW')],
    ['now.headroom', num(a.headroom_kva, 0, 'kVA')],
    ['now.unbalance', num(r.unbalance_pct, 0, '%')],
    ['now.neutral', num(a.neutral_a, 0, 'A')],
    ['now.heat', `${num(r.ambient_c)} / ${num(r.top_oil_c)} / ${num(r.hot_spot_c)}\u00a0°C`],
    ['now.ageing', a.ageing === null ? '–' : `×${num(a.ageing, a.ageing < 10 ? 2 : 0)}`],
    ['now.minutes', minutesLeft(r.minutes_to_limit)],
    ['now.value', r.at ? [ageOf(r.at), ` · ${t(`src.${r.source}`)} · ${t(`grade.${r.grade}`)}`] : t('never')]));
}

// highest gives the place of the greatest figure of a column from a day on; a
// doubtful one only where there is no sound one. -1: there is none.
function highest(d, column, grades, since) {
  let best = -1;
  d.day.forEach((day, i) => {
    if (day < since || column[i] === null) return;
    const doubt = (k) => (grades && grades[k] !== 'good' ? 1 : 0);
    if (best < 0 || doubt(i) < doubt(best) || (doubt(i) === doubt(best) && column[i] > column[best])) best = i;
  });
  return best;
}

// peaks tells what was the most that it carried, of a year's days.
export function peaks(node, d, month) {
  if (d.day.length === 0) return show(node, el('dt', { class: 'wide' }, t('pk.none')));
  const when = (at) => `${minuteTime(new Date(at))} ${date(new Date(at))}`;
  const load = (since) => {
    const i = highest(d, d.phase_max_pct, d.phase_max_grade, since);
    if (i < 0) return t('unknown');
    const grade = d.phase_max_grade[i] === 'good' ? '' : ` · ${t(`grade.${d.phase_max_grade[i]}`)}`;
    return [el('b', {}, num(d.phase_max_pct[i], 1, '%')), ` ${d.worst_phase[i] ? t('phase', d.worst_phase[i]) : ''} · ${when(d.phase_max_at[i])}${grade}`];
  };
  const over = d.phase_max_pct.filter((x, i) => x !== null && x >= boot.critical_pct && d.phase_max_grade[i] === 'good').length;
  const hot = highest(d, d.hot_spot_c, null, '');
  show(node,
    el('dt', {}, t('pk.31d')), el('dd', {}, load(month)),
    el('dt', {}, t('pk.12m')), el('dd', {}, load('')),
    el('dt', {}, t('pk.over', num(boot.critical_pct))), el('dd', {}, num(over)),
    el('dt', {}, t('pk.hot')), el('dd', {}, hot < 0 ? t('unknown') : `${num(d.hot_spot_c[hot], 0, '°C')} · ${when(d.hot_spot_at[hot])}`),
    el('dt', {}, t('pk.days')), el('dd', {}, num(d.day.length)));
}

// contact tells how the meter stands, and why it fails where it does.
export function contact(node, c, r) {
  const at = serverNow();
  const bad = c.missing || c.misses > 0;
  const head = bad || r.state === 'no-data' ? t('ct.bad', reason(r)) : t('ct.ok');
  show(node, el('dt', { class: 'wide' }, head), lines(
    ['ct.last', moment(c.last_good, at)],
    ['ct.try', moment(c.last_try, at)],
    ['ct.misses', num(c.misses)],
    ['ct.collected', collected(c.collected)],
    ['ct.clock', clock(c)]));
}

// collected tells how much of what was due has come, and what is known of the
// rest. The share is cut, not rounded: 100 % means all.
function collected(c) {
  if (!c) return '';
  const open = c.due - c.received - c.explained;
  return [
    t('ct.share', num(Math.floor((1000 * c.received) / c.due) / 10, 1), num(c.days)),
    c.explained > 0 ? t('ct.explained', num(c.explained)) : '',
    open > 0 ? t('ct.open', num(open)) : '',
  ].filter(Boolean).join(' · ');
}

// clock tells how far the meter's clock is off.
function clock(c) {
  if (c.clock_offset_s === null || c.clock_offset_s === undefined) return '';
  const off = Math.abs(c.clock_offset_s);
  const text = t(c.clock_offset_s < 0 ? 'ct.behind' : 'ct.ahead', off < 600 ? t('age.s', num(off)) : span(off));
  return c.clock_off ? el('b', {}, `⚠ ${text}`) : text;
}

// plate lists the nameplate.
export function plate(node, p) {
  show(node, lines(
    ['np.rated', orUnknown(p.rated_kva, 0, 'kVA')],
    ['np.voltage', p.hv_kv === null && p.lv_kv === null ? t('unknown') : `${num(p.hv_kv, 0)} / ${num(p.lv_kv, 1)}\u00a0kV`],
    ['np.current', orUnknown(p.rated_current_a, 0, 'A')],
    ['np.breaker', orUnknown(p.breaker_a, 0, 'A')],
    ['np.cooling', word('cooling', p.cooling)],
    ['np.vector', p.vector_group],
    ['np.year', p.year ? String(p.year) : ''],
    ['np.address', p.address],
    ['np.pole', p.pole],
    ['np.keeper', p.keeper_phone]));
}

// point lists what stands between the meter and the primary side.
export function point(node, p) {
  const ratio = (a, b, unit) => (a === null || b === null ? '' : `${num(a)}/${num(b)}\u00a0${unit}`);
  show(node, lines(
    ['pt.id', p.id || t('unknown')],
    ['pt.side', word('side', p.side || 'LV')],
    ['pt.ct', ratio(p.ct_primary_a, p.ct_secondary_a, 'A')],
    ['pt.vt', ratio(p.vt_primary_v, p.vt_secondary_v, 'V')],
    ['pt.multiplier', num(p.multiplier, p.multiplier % 1 === 0 ? 0 : 2)],
    ['pt.wiring', word('wiring', p.wiring)],
    ['pt.shared', p.transformers_behind > 1 ? num(p.transformers_behind) : ''],
    ['pt.meter', p.meter || t('reason.not-declared')],
    ['pt.profile', p.meter_profile]));
}
