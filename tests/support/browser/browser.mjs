// Opens a page in a real browser, uses it by keyboard, and says as JSON what happened: node browser.mjs URL
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const [, , url] = process.argv;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const VIEWS = {
  light: { colorScheme: 'light', viewport: { width: 1024, height: 640 } },
  dark: { colorScheme: 'dark', viewport: { width: 1024, height: 640 } },
  phone: { colorScheme: 'light', viewport: { width: 390, height: 700 }, isMobile: true, hasTouch: true },
};

/** Notes what a page says, asks for and may not do. */
async function watch(page) {
  const seen = { console: [], errors: [], violations: [], requests: [], failed: [] };
  page.on('console', (message) => seen.console.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => seen.errors.push(String(error)));
  page.on('request', (request) => seen.requests.push(request.url()));
  page.on('response', (response) => {
    if (response.status() >= 400) seen.failed.push(`${response.status()} ${response.url()}`);
  });
  await page.exposeFunction('noteViolation', (text) => seen.violations.push(text));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      window.noteViolation(`${violatedDirective} ${blockedURI}`);
    });
  });
  return seen;
}

/** Sends a message by keyboard alone; returns what the page says, and what had the focus on the way. */
async function talk(page, text) {
  const focused = () => page.evaluate(() => {
    const { outlineStyle } = getComputedStyle(document.activeElement);
    return `${document.activeElement.localName} ${outlineStyle}`;
  });
  await page.keyboard.press('Tab');
  const stops = [await focused()];
  await page.keyboard.type(text);
  await page.keyboard.press('Tab');
  stops.push(await focused());
  await page.keyboard.press('Enter');
  const answer = page.locator('[role=status]:not(:empty)');
  await answer.waitFor();
  return { stops, answer: await answer.textContent() };
}

async function look(browser, view) {
  const context = await browser.newContext(view);
  const page = await context.newPage();
  const seen = await watch(page);
  const response = await page.goto(url, { waitUntil: 'networkidle' });
  const greeting = await page.locator('#greeting').textContent();
  const talked = await talk(page, 'Grüße <b>you</b>');
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() => window.axe.run());
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  // The projects of tests have made-up names.
  await page.evaluate(() => { document.querySelector('h1').textContent = 'my-service'; });
  const picture = (await page.screenshot()).toString('base64');
  await context.close();
  return {
    ...seen,
    ...talked,
    status: response.status(),
    greeting,
    barriers: violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    rules: passes.map(({ id }) => id),
    wide,
    background,
    picture,
  };
}

/** What the browser says of a page that does what it must not: proves that `look` would see it. */
async function spoil(browser) {
  const page = await (await browser.newContext()).newPage();
  const seen = await watch(page);
  await page.goto(url, { waitUntil: 'networkidle' });
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.inlined = true';
    const image = new Image();
    image.src = 'http://other.invalid/x.png';
    const input = document.createElement('input');
    document.body.append(script, image, input);
  });
  await page.waitForTimeout(300);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  const inlined = await page.evaluate(() => 'inlined' in window);
  return { ...seen, inlined, barriers: violations.map(({ id }) => id) };
}

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
});
const results = { spoiled: await spoil(browser) };
for (const [name, view] of Object.entries(VIEWS)) results[name] = await look(browser, view);
await browser.close();
console.log(JSON.stringify(results));
