import { boot, known, t } from './boot.js';
import { el } from './dom.js';
import { minutesLeft, num, trend } from './format.js';
import { ageOf } from './head.js';

const signs = { critical: '■ ', warning: '▲ ', suspect: '? ', stale: '○ ', 'no-data': '✕ ' };
const gaugeEnd = 130; // % at the right edge of a gauge

export const sign = (state) => el('span', { class: `sign ${state}` }, (signs[state] ?? '') + t(`state.${state}`));

export const reason = (r) => t(r.missing && known(`reason.${r.missing}`) ? `reason.${r.missing}` : 'reason.none');

const cell = (name, label, ...children) => el('td', { class: name, 'data-label': label }, ...children);

// gauge draws the percentage against both limits.
function gauge(pct) {
  const at = (tag, x) => {
    const node = el(tag);
    node.style.setProperty('--at', `${Math.max(0, Math.min(100, (x / gaugeEnd) * 100))}%`);
    return node;
  };
  return el('div', { class: 'gauge', 'aria-hidden': 'true' }, at('i', pct), at('u', boot.warn_pct), at('u', boot.critical_pct));
}

function name(r) {
  const what = [r.name, r.id, r.rated_kva === null ? null : num(r.rated_kva, 0, 'kVA')].filter(Boolean).join(' · ');
  return cell('c-name', t('col.station'),
    el('a', { href: `/transformers/${encodeURIComponent(r.id)}` }, r.substation_name || r.substation || r.id),
    ' ',
    r.priority ? el('span', { class: 'badge due' }, `${t('priority')}: ${r.priority}`) : null,
    ' ',
    r.dedicated ? el('span', { class: 'badge' }, t('dedicated')) : null,
    el('small', {}, what));
}

const unit = (r) => cell('c-unit', t('col.unit'), r.unit_name || '–', el('small', {}, [r.feeder_name, r.feeder].filter(Boolean).filter((x, i, a) => a.indexOf(x) === i).join(' · ')));

// percent shows the worst phase, or says that no rating is known.
function percent(r) {
  if (r.phase_max_pct === null) {
    return cell('c-pct num', t('col.phase'), el('b', {}, r.s_kva === null ? '–' : num(r.s_kva, 0, 'kVA')));
  }
  return cell('c-pct num', t('col.phase'),
    el('b', {}, num(r.phase_max_pct, 1, '%')),
    r.worst_phase ? el('i', {}, r.worst_phase) : null,
    r.governor ? el('small', {}, t(`gov.${r.governor}`)) : null);
}

function age(r) {
  if (!r.at) return cell('c-age num', t('col.age'), t('never'));
  const doubt = r.grade && r.grade !== 'good';
  return cell('c-age num', t('col.age'),
    ageOf(r.at),
    el('small', { title: t(`src.${r.source}.tip`) }, t(`src.${r.source}`), ' · ', doubt ? el('b', {}, t(`grade.${r.grade}`)) : t('grade.good')),
    r.misses > 0 && r.state !== 'stale' ? el('span', { class: 'behind' }, t('behind', r.misses)) : null);
}

// rankingRow is one transformer with a fresh value.
export function rankingRow(r) {
  return el('tr', { class: r.state, 'data-id': r.id },
    cell('c-state', '', sign(r.state), r.alarm ? el('small', {}, t(`as.${r.alarm}`)) : null),
    name(r),
    unit(r),
    percent(r),
    cell('c-bar', '', r.phase_max_pct === null ? null : gauge(r.phase_max_pct)),
    cell('c-trend num', t('col.trend'), trend(r.trend_pct_per_h), el('small', {}, r.trend_pct_per_h === null ? '' : t('per.hour'))),
    cell('c-min num', t('col.minutes'), minutesLeft(r.minutes_to_limit)),
    cell('c-s num', t('col.s'), num(r.s_kva, 0, 'kVA'), el('small', {}, r.loading_pct === null ? '' : num(r.loading_pct, 0, '%'))),
    cell('c-unb num', t('col.unbalance'), num(r.unbalance_pct, 0, '%')),
    cell('c-heat num', t('col.heat'), `${num(r.top_oil_c)} / ${num(r.hot_spot_c)}\u00a0°C`),
    age(r));
}

// staleRow is one transformer whose load now is not known.
export function staleRow(r) {
  return el('tr', { class: r.state, 'data-id': r.id },
    cell('c-state', '', sign(r.state)),
    name(r),
    unit(r),
    cell('c-reason', t('col.reason'), reason(r), r.misses > 0 ? el('small', {}, t('behind', r.misses)) : null),
    percent(r),
    age(r));
}
