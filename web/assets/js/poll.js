import { boot } from './boot.js';
import { heard, refreshed, refused, tick } from './head.js';

const answerWithin = 10_000; // ms; a slower server counts as silent

// poll asks url() again and again and hands each answer to render. The
// function it gives asks at once, dropping a question under way.
export function poll(url, render) {
  let timer = 0;
  let asking = null;

  async function ask() {
    clearTimeout(timer);
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    const limit = setTimeout(() => mine.abort(), answerWithin);
    try {
      const reply = await fetch(url(), { signal: mine.signal, headers: { Accept: 'application/json' } });
      const body = await reply.json();
      if (asking !== mine) return;
      if (reply.ok) {
        heard(body.status);
        render(body);
        refreshed();
      } else {
        refused(body);
      }
    } catch (e) {
      if (asking !== mine) return;
      // No answer: the frozen mark tells it, once it lasts. A fault of this
      // page's own code must be seen.
      if (!(e instanceof TypeError && /fetch/i.test(e.message)) && e.name !== 'AbortError') console.error(e);
    } finally {
      clearTimeout(limit);
    }
    if (asking === mine) timer = setTimeout(ask, boot.refresh_ms);
  }

  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') {
      tick();
      ask();
    }
  });
  ask();
  return ask;
}
