import { boot, t } from './boot.js';

const locale = boot.lang === 'vi' ? 'vi-VN' : 'en-GB';
const formats = new Map();

// num writes a figure with its decimals and unit, and a dash for an unknown one.
export function num(x, decimals = 0, unit = '') {
  if (x === null || x === undefined) return '–';
  if (!formats.has(decimals)) {
    formats.set(decimals, new Intl.NumberFormat(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals }));
  }
  const rounded = Math.abs(x) < 0.5 / 10 ** decimals ? 0 : x; // no "-0"
  return formats.get(decimals).format(rounded) + (unit ? '\u00a0' + unit : '');
}

const zone = { timeZone: boot.time_zone, hourCycle: 'h23' };
const clockFormat = new Intl.DateTimeFormat('en-GB', { ...zone, hour: '2-digit', minute: '2-digit', second: '2-digit' });
const minuteFormat = new Intl.DateTimeFormat('en-GB', { ...zone, hour: '2-digit', minute: '2-digit' });
const dateFormat = new Intl.DateTimeFormat('en-GB', { ...zone, day: '2-digit', month: '2-digit', year: 'numeric' });
const dayFormat = new Intl.DateTimeFormat('en-GB', { ...zone, day: '2-digit', month: '2-digit' });

export const clockTime = (d) => clockFormat.format(d);
export const minuteTime = (d) => minuteFormat.format(d);
export const date = (d) => dateFormat.format(d);
export const day = (d) => dayFormat.format(d);

// moment writes a time as people note it: the hour alone today, with the day
// before.
export function moment(value, now) {
  if (!value) return t('never');
  const d = new Date(value);
  return date(d) === date(now) ? minuteTime(d) : `${minuteTime(d)} ${day(d)}`;
}

// span writes seconds as an age.
export function span(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return t('age.s', s);
  const m = Math.floor(s / 60);
  if (m < 60) return t('age.m', m);
  const h = Math.floor(m / 60);
  if (h < 48) return t('age.h', h, m % 60);
  return t('age.d', Math.floor(h / 24), h % 24);
}

// minutesLeft writes the time until the limit is passed.
export function minutesLeft(m) {
  if (m === null || m === undefined) return '–';
  if (m <= 0) return t('passed');
  const r = Math.round(m);
  if (r < 60) return t('minutes', Math.max(1, r));
  if (r > 720) return t('over12h');
  return t('hours', Math.floor(r / 60), r % 60);
}

// trend writes a slope as an arrow and a figure.
export function trend(x) {
  if (x === null || x === undefined) return '–';
  const arrow = x > 10 ? '↑' : x > 2 ? '↗' : x < -10 ? '↓' : x < -2 ? '↘' : '→';
  return `${arrow} ${Math.round(x) > 0 ? '+' : ''}${num(x, 0)}`;
}
