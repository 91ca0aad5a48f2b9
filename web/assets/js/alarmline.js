import { known, t } from './boot.js';
import { el } from './dom.js';
import { minuteTime, moment, num } from './format.js';
import { ageOf, serverNow } from './head.js';

const signs = { critical: '■ ', warning: '▲ ', advice: '● ' };

// what tells the figure that raised the alarm, against its limit.
function what(a) {
  if (a.kind === 'comms-loss') {
    const why = a.missing && known(`reason.${a.missing}`) ? t(`reason.${a.missing}`) : '';
    return [el('b', {}, t('kind.comms-loss')), el('small', {}, why)];
  }
  const unit = a.kind === 'overload' ? '%' : '°C';
  const decimals = a.kind === 'overload' ? 1 : 0;
  const phase = a.phase ? ` ${t('phase', a.phase)}` : '';
  return [
    el('b', {}, num(a.value, decimals, unit)), phase,
    el('small', {}, t(`kind.${a.kind}`), a.limit === null ? '' : ` · ${t('al.limit', num(a.limit, 0, unit))}`,
      a.governor ? ` ${t(`gov.${a.governor}`)}` : ''),
  ];
}

// alarmLine shows one alarm. acknowledge is called with it when the button is
// tapped; without one there is no button.
export function alarmLine(a, acknowledge) {
  const now = serverNow();
  const open = a.state === 'unacked' || a.state === 'return-unacked';
  const silent = a.kind === 'comms-loss';
  const place = a.substation_name || a.substation || a.point;
  const button = open && acknowledge
    ? el('button', { class: 'ack', type: 'button', title: t('ack.tip'), on: { click: (e) => acknowledge(a, e.currentTarget) } }, t('ack'))
    : el('span', {}, t(`as.${a.state}`), a.acked_at ? el('small', {}, t('al.by', a.acked_by ?? '', moment(a.acked_at, now))) : null);
  return el('article', { class: `alarm ${a.kind} ${a.severity} ${a.state}`, 'data-id': a.id },
    el('div', {},
      silent ? el('span', { class: 'sign stale' }, '✕ ' + t('kind.comms-loss').toUpperCase())
        : el('span', { class: `sign ${a.severity}` }, (signs[a.severity] ?? '') + t(`sev.${a.severity || 'advice'}`)),
      el('small', { class: 'state' }, t(`as.${a.state}`))),
    el('div', { class: 'where' },
      a.transformer ? el('a', { href: `/transformers/${encodeURIComponent(a.transformer)}` }, place) : el('b', {}, place),
      el('small', {}, [a.transformer, a.feeder_name, a.unit_name].filter(Boolean).join(' · '))),
    el('div', { class: 'what' }, what(a)),
    el('div', {},
      t('al.since', moment(a.raised_at, now)),
      el('small', {}, silent ? ageOf(a.raised_at, 'al.silent') : valueAge(a, now)),
      a.held_since ? el('small', { class: 'held' }, t('al.held', minuteTime(new Date(a.held_since)))) : null,
      a.stale_since ? el('small', { class: 'held' }, t('al.stale', minuteTime(new Date(a.stale_since)))) : null),
    el('div', { class: open && acknowledge ? 'do' : 'do done' }, button));
}

// valueAge counts from the moment of the value, which age_s gives.
function valueAge(a, now) {
  if (a.age_s === null) return '';
  return ageOf(new Date(now.getTime() - a.age_s * 1000).toISOString(), 'al.value.age');
}

export const nothing = (key) => el('p', { class: 'empty' }, t(key));
