// Opens a page in a real browser, uses it by keyboard, and says as JSON what happened: node browser.mjs URL [notes]
import { lose, keep, leaf } from './notes.mjs';
import { barriers, launch, tab, watch } from './page.mjs';

// `notes`: the service has a database, and its page shows notes.
const [, , url, notes] = process.argv;
const VIEWS = {
  light: { colorScheme: 'light', viewport: { width: 1024, height: 640 } },
  dark: { colorScheme: 'dark', viewport: { width: 1024, height: 640 } },
  phone: { colorScheme: 'light', viewport: { width: 390, height: 700 }, isMobile: true, hasTouch: true },
};

/** Sends a message by keyboard alone; returns what the page says, and what had the focus on the way. */
async function talk(page, text) {
  const stops = [await tab(page)];
  await page.keyboard.type(text);
  stops.push(await tab(page));
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
  const done = notes ? await keep(page) : await talk(page, 'Grüße <b>you</b>');
  const found = await barriers(page);
  // A phone's innerWidth grows with what is too wide for it.
  const wide = (await page.evaluate(() => document.documentElement.scrollWidth)) - view.viewport.width;
  const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  // The projects of tests have made-up names.
  await page.evaluate(() => { document.querySelector('h1').textContent = 'my-service'; });
  const picture = (await page.screenshot()).toString('base64');
  await context.close();
  return {
    ...seen,
    ...done,
    ...found,
    status: response.status(),
    greeting,
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
  const found = await barriers(page);
  const inlined = await page.evaluate(() => 'inlined' in window);
  return { ...seen, ...found, inlined };
}

const browser = await launch();
const results = { spoiled: await spoil(browser) };
for (const [name, view] of Object.entries(VIEWS)) results[name] = await look(browser, view);
if (notes) {
  results.leafed = await leaf(browser, url);
  results.lost = await lose(browser, url);
}
await browser.close();
console.log(JSON.stringify(results));
