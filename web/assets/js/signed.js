// What the pages of alarms and of cases share: a list of what waits for somebody,
// and what somebody signs.
import { nothing } from './alarmline.js';
import { t } from './boot.js';
import { sync } from './dom.js';

// list shows items under an element, or in words that there are none.
export function list(id, items, emptyKey, make) {
  const parent = document.getElementById(id);
  if (items.length === 0) parent.replaceChildren(nothing(emptyKey));
  else sync(parent, items, (item) => String(item.id), make);
}

// post sends what was signed, and gives why it was not taken; empty: it was.
export async function post(path, body, words, failed) {
  try {
    const reply = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    return reply.ok ? '' : t(words[reply.status] ?? failed, reply.status);
  } catch {
    return t('ack.no.answer');
  }
}
