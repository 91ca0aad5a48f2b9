import { alarmLine, nothing } from './alarmline.js';
import { t } from './boot.js';
import { sync } from './dom.js';
import { num } from './format.js';
import { poll } from './poll.js';

const $ = (id) => document.getElementById(id);
const nameKey = 'phutai.who';
const who = $('who');

who.value = localStorage.getItem(nameKey) ?? '';
who.addEventListener('change', () => localStorage.setItem(nameKey, who.value.trim()));
$('duty').addEventListener('submit', (e) => {
  e.preventDefault();
  who.blur();
});

function refuse(text) {
  $('refused').textContent = text;
  $('refused').hidden = text === '';
}

// acknowledge is one tap: the name was asked for once, at the top.
async function acknowledge(alarm, button) {
  button.disabled = true;
  refuse('');
  try {
    const reply = await fetch(`/api/v1/alarms/${encodeURIComponent(alarm.id)}/ack`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ who: who.value.trim() || 'demo' }),
      signal: AbortSignal.timeout(10_000),
    });
    if (!reply.ok) {
      const problem = await reply.json();
      refuse(t('ack.failed', problem.title, problem.what_to_do));
    }
  } catch {
    refuse(t('ack.no.answer'));
  }
  button.disabled = false;
  ask();
}

function list(id, items, emptyKey) {
  if (items.length === 0) {
    $(id).replaceChildren(nothing(emptyKey));
    return;
  }
  sync($(id), items, (a) => a.id, (a) => alarmLine(a, acknowledge));
}

function render(a) {
  $('waiting').hidden = true;
  list('load', a.load, 'al.none');
  list('comms', a.comms, 'al.none.comms');
  list('ended', a.ended, 'al.none');
  $('ended-part').hidden = a.ended.length === 0;
  const open = [...a.load, ...a.comms].filter((x) => x.state !== 'acked').length;
  $('found').textContent = t('al.unacked.n', num(open));
}

const ask = poll(() => '/api/v1/alarms', render);
