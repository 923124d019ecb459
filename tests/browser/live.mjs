// Owns the preview as an author meets it: a page is open in Chromium, files are saved, and nobody clicks. The save shows with
// scroll kept, a change of style shows without a reload, an error stands over the page and goes when mended, another page that
// was saved is offered. axe looks at the overlay. Last, many saves are timed, to compare them with a whole build.
//
//     node live.mjs PROGRAM SITE [SAVES]
//
// The site is copied into a temporary folder; what is saved is the copy.

import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { launch } from './chromium.mjs';
import { argumentsOr, Report } from './site.mjs';

const [program, site, saves = '20'] = argumentsOr('live.mjs PROGRAM SITE [SAVES]', 2);
const axe = readFileSync(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const LONG = 30_000;
const report = new Report();

const folder = mkdtempSync(join(tmpdir(), 'clerestory-live-'));
for (const name of ['clerestory.toml', 'content', 'themes']) {
  if (existsSync(join(site, name))) cpSync(join(site, name), join(folder, name), { recursive: true });
}
const source = readdirSync(join(folder, 'content/meetings')).find((name) => /^[^.]+\.md$/.test(name));
const file = join(folder, 'content/meetings', source);
const slug = source.replace(/\.md$/, '');

// Long enough to be scrolled, without a mark of redaction in it.
const good = readFileSync(file, 'utf8').replace(/\s*$/, '\n') + Array.from({ length: 60 }, (_, at) => `\nParagraph ${at} of the preview's test.\n`).join('');
const save = (text) => {
  writeFileSync(`${file}.part~`, text);
  renameSync(`${file}.part~`, file);
};
save(good);

const started = performance.now();
execFileSync(resolve(program), ['build', '--quiet', '--root', folder, '--out', join(folder, 'public')], { stdio: ['ignore', 'ignore', 'inherit'] });
const whole = performance.now() - started;

const server = spawn(resolve(program), ['serve', '--quiet', '--port', '0', '--root', folder], { stdio: ['ignore', 'pipe', 'pipe'] });
let said = '';
server.stderr.on('data', (bytes) => (said += bytes));
const home = await new Promise((done, failed) => {
  createInterface({ input: server.stdout }).once('line', done);
  server.once('exit', () => failed(new Error(`the preview has ended: ${said}`)));
});

const browser = await launch();
try {
  const page = await (await browser.newContext({ viewport: { width: 900, height: 700 } })).newPage();
  const troubles = [];
  page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
  page.on('pageerror', (error) => troubles.push(String(error)));
  page.on('request', (request) => new URL(request.url()).origin === new URL(home).origin || troubles.push(`asks ${request.url()}`));
  const address = `${home}meetings/${slug}/`;
  const expect = async (what, wait) => {
    try {
      await wait();
    } catch (error) {
      report.fail(`meetings/${slug}/`, 'live', `${what}: ${error.message}; ${said}`);
    }
  };
  const live = () => page.waitForSelector('html[data-preview=live]', { timeout: LONG });
  const shows = (words) => page.waitForFunction((words) => document.body?.textContent.includes(words), words, { timeout: LONG, polling: 10 });
  const overlay = 'clerestory-preview section[role=alert]';

  await page.goto(address);
  await live();

  await expect('a save is on the open page, at the same place', async () => {
    await page.evaluate(() => scrollTo(0, 600));
    save(`${good}\nWords that were saved.\n`);
    await shows('Words that were saved.');
    await page.waitForFunction(() => Math.abs(scrollY - 600) < 2, null, { timeout: LONG });
    await live();
  });

  await expect('a new style comes without a reload', async () => {
    await page.evaluate(() => (window.isTheSame = true));
    const theme = /^theme\s*=\s*"([^"]+)"/m.exec(readFileSync(join(folder, 'clerestory.toml'), 'utf8'))?.[1] ?? 'default';
    const styles = join(folder, 'themes', theme, 'static');
    mkdirSync(styles, { recursive: true });
    const old = await page.evaluate(async () => (await fetch(document.querySelector('link[rel=stylesheet]').href)).text());
    writeFileSync(join(styles, 'style.css'), `${old}\nbody { outline-color: rgb(1, 2, 3) }\n`);
    await page.waitForFunction(() => getComputedStyle(document.body).outlineColor === 'rgb(1, 2, 3)', null, { timeout: LONG });
    if (!(await page.evaluate(() => window.isTheSame))) throw new Error('it was loaded again');
  });

  await expect('an error stands over the page', async () => {
    save(good.replace(/^kind\s*=/m, 'kin ='));
    await page.waitForSelector(overlay, { timeout: LONG });
    const text = await page.locator(overlay).innerText();
    for (const words of ['unknown-field', `content/meetings/${source}:`, 'did you mean']) {
      if (!text.includes(words)) throw new Error(`no ${words} in: ${text}`);
    }
    if (!(await page.evaluate(() => document.body.textContent.includes('Words that were saved.')))) throw new Error('the last good page is gone');
    await page.evaluate(axe);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      const found = await page.evaluate(() => axe.run('clerestory-preview', { runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'EN-301-549', 'best-practice'] } }));
      if (found.passes.length < 5) throw new Error('axe has looked at nothing');
      for (const { id, nodes } of found.violations) report.fail(`overlay in ${colorScheme}`, id, nodes.map((node) => node.html).join(' '));
    }
    await page.setViewportSize({ width: 320, height: 640 });
    const wide = await page.evaluate(() => document.querySelector('clerestory-preview').shadowRoot.querySelector('section').scrollWidth);
    if (wide > 320) throw new Error(`it is ${wide} pixels wide on a small screen`);
    await page.setViewportSize({ width: 900, height: 700 });
    await page.emulateMedia({ colorScheme: 'light' });
  });

  await expect('the error goes when it is mended', async () => {
    save(`${good}\nMended words.\n`);
    await shows('Mended words.');
    await page.waitForSelector(overlay, { state: 'detached', timeout: LONG });
    await live();
  });

  await expect('the overlay can be put away with the keyboard', async () => {
    save(good.replace(/^kind\s*=/m, 'kin ='));
    await page.waitForSelector(overlay, { timeout: LONG });
    await page.locator(overlay).press('Escape');
    await page.waitForSelector(overlay, { state: 'detached', timeout: LONG });
    save(good);
    await page.waitForFunction(() => !document.body.textContent.includes('Mended words.'), null, { timeout: LONG });
    await live();
  });

  await expect('another page that was saved is offered', async () => {
    const about = join(folder, 'content/pages/preview-test.md');
    mkdirSync(join(folder, 'content/pages'), { recursive: true });
    writeFileSync(about, '+++\ntitle = "Preview test"\n+++\n\nText.\n');
    await page.waitForFunction(async (home) => (await fetch(`${home}preview-test/`)).status === 200, home, { timeout: LONG, polling: 100 });
    await page.waitForTimeout(1500);
    await live();
    appendFileSync(about, '\nMore.\n');
    const offer = page.locator('clerestory-preview aside a');
    await offer.waitFor({ timeout: LONG });
    await offer.click();
    await page.waitForURL(`${home}preview-test/`);
    await page.goto(address);
    await live();
  });

  const times = [];
  await expect('every save shows', async () => {
    for (let at = 0; at < Number(saves); at += 1) {
      const begun = performance.now();
      save(`${good}\nSave number ${at}.\n`);
      await shows(`Save number ${at}.`);
      times.push(performance.now() - begun);
      await live();
      await page.waitForTimeout(50);
    }
  });
  // While a page that answered 404 is asked for, Chromium says so: that is its business.
  for (const trouble of troubles.filter((each) => !/status of 404/.test(each))) report.fail(`meetings/${slug}/`, 'console', trouble);
  times.sort((one, other) => one - other);
  const median = times[Math.floor(times.length / 2)] ?? NaN;
  report.finish(
    `live: ${times.length} saves, median ${median.toFixed(0)} ms from save to page, ${(median / whole).toFixed(2)} of a whole build (${whole.toFixed(0)} ms)`,
  );
} finally {
  await browser.close();
  const ended = new Promise((done) => server.once('exit', done));
  server.kill('SIGINT');
  if ((await ended) !== 0) {
    console.log('FAIL the preview did not end with 0');
    process.exitCode = 1;
  }
  rmSync(folder, { recursive: true, force: true });
}
