// The preview's script: follows every save. It is added on the way to the browser and is in no built site.
// It works under the pages' policy: a file of the same origin, styles through the style sheet of a shadow root, text as text.
(() => {
  'use strict';
  const own = document.currentScript;
  const name = 'clerestory-preview';
  const place = `${name}:${location.pathname}`;

  // A reload comes back to the same place.
  const stored = sessionStorage.getItem(place);
  sessionStorage.removeItem(place);
  if (stored) {
    const { x, y, open, focus } = JSON.parse(stored);
    const back = () => {
      for (const index of open) document.querySelectorAll('details')[index]?.setAttribute('open', '');
      scrollTo({ left: x, top: y, behavior: 'instant' });
    };
    back();
    if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
    addEventListener('load', back, { once: true });
  }
  const reload = () => {
    const open = [...document.querySelectorAll('details')].flatMap((each, index) => (each.open ? [index] : []));
    const focus = document.activeElement?.id || null;
    sessionStorage.setItem(place, JSON.stringify({ x: scrollX, y: scrollY, open, focus }));
    location.reload();
  };

  // The stylesheet has its fingerprint in its name: the new one is laid beside the old, which goes when the new one is there.
  const restyle = ({ from, to }) => {
    for (const link of document.querySelectorAll('link[rel~=stylesheet]')) {
      const address = link.getAttribute('href');
      if (!address.endsWith(from)) continue;
      const other = link.cloneNode();
      other.setAttribute('href', address.slice(0, address.length - from.length) + to);
      other.addEventListener('load', () => link.remove(), { once: true });
      link.after(other);
    }
  };

  const element = (tag, text, settings = {}) => {
    const made = document.createElement(tag);
    for (const [key, value] of Object.entries(settings)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    return made;
  };

  const STYLE = `
    :host { all: initial; }
    * { box-sizing: border-box; }
    section, aside { position: fixed; inset: auto 0 0 0; z-index: 2147483647; font: 16px/1.5 system-ui, sans-serif; color: #1b1b1b;
      background: #fff; border-top: 6px solid #a3142b; box-shadow: 0 -4px 24px rgb(0 0 0 / 35%); }
    section { max-height: 75vh; max-height: 75dvh; overflow: auto; padding: 1rem 1.5rem 1.5rem; }
    aside { inset: auto auto 1rem 1rem; border: 2px solid #2c3e41; border-radius: 6px; padding: .6rem 1rem; max-width: calc(100vw - 2rem); }
    section > div { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: baseline; justify-content: space-between; }
    h2 { font-size: 1.25rem; margin: 0; }
    h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; overflow-wrap: anywhere; }
    p { margin: .25rem 0; overflow-wrap: anywhere; }
    pre { font: 14px/1.45 ui-monospace, monospace; background: #f3f3f0; color: #1b1b1b; padding: .75rem; margin: .5rem 0; overflow: auto; }
    button { font: inherit; color: inherit; background: transparent; border: 2px solid currentcolor; border-radius: 4px; padding: .2rem .8rem;
      min-height: 28px; cursor: pointer; }
    a { color: #00519e; }
    :focus-visible { outline: 3px solid #00519e; outline-offset: 2px; }
    @media (prefers-color-scheme: dark) {
      section, aside { background: #16181a; color: #f1f1ee; }
      section { border-top-color: #ff8a94; } aside { border-color: #f1f1ee; }
      pre { background: #24282b; color: #f1f1ee; }
      a { color: #8ec7ff; } :focus-visible { outline-color: #8ec7ff; }
    }
    @media print { :host { display: none; } }`;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  let host = null;
  const board = () => {
    if (!host?.isConnected) {
      host = element(name, '', { lang: 'en' });
      host.attachShadow({ mode: 'open' }).adoptedStyleSheets = [sheet];
      document.body.append(host);
    }
    return host.shadowRoot;
  };

  // What is wrong stands over the last good page. The frame is there before its text, so that a screen reader announces it.
  const complain = (problems) => {
    if (problems.length === 0) {
      host?.remove();
      return;
    }
    const errors = problems.filter((problem) => problem.severity === 'error').length;
    const title = element('h2', errors === 1 ? '1 error' : `${errors} errors`, { id: 'title' });
    const hide = element('button', 'Hide', { type: 'button' });
    const section = element('section', '', { role: 'alert', 'aria-labelledby': 'title', tabindex: '0' });
    hide.addEventListener('click', () => section.remove());
    section.addEventListener('keydown', (event) => event.key === 'Escape' && section.remove());
    board().replaceChildren(section);
    const top = element('div', '');
    top.append(title, hide);
    section.append(top, element('p', 'Behind this stands the last good page. It goes when the error is mended and saved.'));
    for (const problem of problems) {
      const where = [problem.file, problem.line, problem.column].filter((part) => part !== null).join(':');
      const code = problem.code ? ` [${problem.code}]` : '';
      section.append(element('h3', `${problem.severity}${code}: ${problem.message}`));
      if (where) section.append(element('p', where));
      if (problem.picture) section.append(element('pre', problem.picture, { tabindex: '0', role: 'region', 'aria-label': `Source of ${where}` }));
      if (problem.help) section.append(element('p', `Help: ${problem.help}`));
    }
  };

  // Another page was saved: here is the way to it.
  let waiting = 0;
  const offer = ({ address, title }) => {
    if (address === location.pathname) return;
    clearTimeout(waiting);
    const aside = element('aside', '', { role: 'status', 'aria-label': 'Saved' });
    board().replaceChildren(aside);
    aside.append('Saved: ', element('a', title, { href: address }));
    waiting = setTimeout(() => aside.remove(), 8000);
  };

  const heard = (event) => {
    const word = JSON.parse(event.data);
    if (word.problems) complain(word.problems);
    if (word.reload) reload();
    if (word.style) restyle(word.style);
    if (word.saved) offer(word.saved);
  };

  // A browser has few connections for one host. Pages that nobody sees give theirs back, and catch up when they are seen again.
  let stream = null;
  let style = own.dataset.style;
  const follow = () => {
    const asked = new URLSearchParams({ page: location.pathname, print: own.dataset.print, style });
    stream = new EventSource(`/__clerestory/events?${asked.toString().replaceAll('+', '%20')}`);
    stream.onmessage = (event) => {
      const word = JSON.parse(event.data);
      if (word.style) style = word.style.to;
      heard(event);
    };
    stream.onopen = () => document.documentElement.setAttribute('data-preview', 'live');
  };
  const look = () => {
    if (document.hidden) {
      stream?.close();
      stream = null;
    } else if (!stream) follow();
  };
  document.addEventListener('visibilitychange', look);
  addEventListener('pagehide', () => stream?.close());
  addEventListener('pageshow', (event) => event.persisted && follow());
  look();
})();
