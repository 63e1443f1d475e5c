// The page of a service with a database: notes are added, kept, deleted, paged, refused and lost on the way.
import { barriers, tab, watch } from './page.mjs';

const MARKUP = '<img src="x" onerror="window.injected = true"> <b>kept</b>';

const texts = (page) => page.locator('#notes p').allTextContents();
const focused = (page) => page.evaluate(() => document.activeElement.id);
const said = (page) =>
  page.evaluate(() => [
    document.querySelector('[role=status]').textContent,
    document.querySelector('[role=alert]').textContent,
  ]);

/** Waits until the page says a text, as a status or an alert. */
const says = (page, text) => page.locator(`[role=status], [role=alert]`).filter({ hasText: text }).waitFor();

/** Adds notes, reads them after a reload and deletes one, by keyboard alone. */
export async function keep(page) {
  const address = new URL('/notes', page.url()).href;
  const before = await (await page.request.get(address)).json();
  for (const { id } of before.notes) await page.request.delete(`${address}/${id}`);
  await page.reload({ waitUntil: 'networkidle' });
  const empty = await said(page);
  const stops = [await tab(page)];
  for (const text of ['Milk', MARKUP, 'Bread, which is deleted', `Butter${'-and-more'.repeat(12)}`]) {
    await page.locator('#text').focus();
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
    await page.locator('#notes li').filter({ hasText: text }).waitFor();
  }
  stops.push(await tab(page));
  const added = [await said(page), await texts(page)];
  await page.reload({ waitUntil: 'networkidle' });
  const kept = await texts(page);
  const label = await page.locator('#notes button').nth(1).getAttribute('aria-label');
  for (let stop = 0; stop < 4; stop++) stops.push(await tab(page));
  await page.keyboard.press('Enter');
  await says(page, 'Deleted.');
  const deleted = await texts(page);
  const neighbour = await page.evaluate(() => document.activeElement.querySelector('p').textContent);
  const injected = await page.evaluate(() => 'injected' in window || document.querySelector('#notes img') !== null);
  return { empty, stops, added, kept, label, deleted, neighbour, injected };
}

/** Adds more notes than a page has, and asks for older ones. */
export async function leaf(browser, url) {
  const page = await (await browser.newContext()).newPage();
  const seen = await watch(page);
  for (let number = 0; number < 45; number++) {
    await page.request.post(`${url}notes`, { data: { text: `Note ${number}` } });
  }
  await page.goto(url, { waitUntil: 'networkidle' });
  const more = page.locator('#more');
  const counts = [(await texts(page)).length];
  const newest = (await texts(page))[0];
  const focus = [];
  while (await more.isVisible()) {
    // Twice, as an impatient person does.
    await more.dblclick();
    await page.locator('#notes li').nth(counts.at(-1)).waitFor();
    await page.waitForTimeout(300); // the second response
    counts.push((await texts(page)).length);
    focus.push(await page.evaluate(() => document.activeElement.querySelector('p')?.textContent));
  }
  const unique = new Set(await texts(page)).size;
  return { ...seen, ...(await barriers(page)), counts, newest, focus, unique, all: await texts(page) };
}

/** What the page says when something goes wrong, and what is stored then. */
export async function lose(browser, url) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(url, { waitUntil: 'networkidle' });
  const add = async (text) => {
    await page.locator('#text').fill(text);
    await page.keyboard.press('Enter');
  };
  const count = async (text) => (await (await page.request.get(`${url}notes?limit=100`)).json()).notes
    .filter((note) => note.text === text).length;

  await page.locator('#text').evaluate((input) => input.removeAttribute('maxlength'));
  await add('x'.repeat(1001));
  await says(page, 'did not work');
  const refused = await said(page);
  const { barriers: barred } = await barriers(page);

  // It is stored, and the answer does not arrive.
  await page.route('**/notes', async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await add('once');
  await says(page, 'does not answer');
  const silent = await said(page);
  await page.keyboard.press('Enter');
  await says(page, 'Added.');
  const once = [await count('once'), (await texts(page)).filter((text) => text === 'once').length];
  await add('once');
  await page.waitForFunction(() => document.querySelector('#text').value === '');
  const twice = await count('once');

  // Another person is quicker.
  const [{ id }] = (await (await page.request.get(`${url}notes`)).json()).notes;
  await page.request.delete(`${url}notes/${id}`);
  await page.locator(`#note-${id} button`).click();
  await says(page, 'Deleted.');
  const gone = await page.locator(`#note-${id}`).count();
  return { refused, barriers: barred, silent, once, twice, gone, focus: await focused(page) };
}
