import { boot, t } from './boot.js';
import { el } from './dom.js';
import { moment } from './format.js';
import { ageOf, serverNow } from './head.js';

// caseLine shows one doubt about numbers with its evidence. close is called with
// it when the button is tapped; without one there is no button.
export function caseLine(c, close) {
  const now = serverNow();
  const open = !c.closing;
  return el('article', { class: `alarm case ${open ? 'open' : 'normal'}`, 'data-id': String(c.id) },
    el('div', {},
      el('span', { class: 'sign suspect' }, `? ${t(`case.name.${c.check}`)}`),
      open && c.holds ? el('small', { class: 'held' }, t('cs.holds')) : null),
    el('div', { class: 'where' },
      c.transformer ? el('a', { href: `/transformers/${encodeURIComponent(c.transformer)}` }, c.substation_name) : el('b', {}, c.substation_name),
      el('small', {}, [c.point, c.feeder_name, c.unit_name].filter(Boolean).join(' · '))),
    el('div', { class: 'evidence' }, boot.lang === 'vi' ? c.text_vi : c.text_en),
    el('div', {},
      t('al.since', moment(c.since, now)),
      el('small', {}, ageOf(c.last_seen, 'cs.seen'))),
    el('div', { class: open && close ? 'do' : 'do done' }, open
      ? close && el('button', { class: 'ack', type: 'button', title: t('cs.close.tip'), on: { click: (e) => close(c, e.currentTarget) } }, t('cs.close'))
      : el('span', {}, t(`closing.${c.closing}`), el('small', {}, [c.closed_by, c.why, moment(c.closed_at, now)].filter(Boolean).join(' · ')))));
}
