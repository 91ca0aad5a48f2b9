import { alarmLine } from './alarmline.js';
import { boot, t } from './boot.js';
import { num } from './format.js';
import { poll } from './poll.js';
import { list, post } from './signed.js';

const $ = (id) => document.getElementById(id);
const nameKey = 'phutai.who';
const who = $('who');
// Nobody is on duty in a simulated evening; in earnest somebody signs.
const spare = boot.speed > 1 ? 'demo' : '';

who.placeholder = spare;
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
  const name = who.value.trim() || spare;
  if (name === '') {
    refuse(t('ack.name'));
    who.focus();
    return;
  }
  button.disabled = true;
  refuse('');
  const refused = await post(`/api/v1/alarms/${encodeURIComponent(alarm.id)}/ack`, { who: name }, { 400: 'ack.name', 404: 'ack.gone' }, 'ack.failed');
  if (refused !== '') refuse(refused);
  button.disabled = false;
  ask();
}

const line = (a) => alarmLine(a, acknowledge);

function render(a) {
  $('waiting').hidden = true;
  list('load', a.load, 'al.none', line);
  list('comms', a.comms, 'al.none.comms', line);
  list('ended', a.ended, 'al.none', line);
  $('ended-part').hidden = a.ended.length === 0;
  const open = [...a.load, ...a.comms].filter((x) => x.state !== 'acked').length;
  $('found').textContent = t('al.unacked.n', num(open));
}

const ask = poll(() => '/api/v1/alarms', render);
