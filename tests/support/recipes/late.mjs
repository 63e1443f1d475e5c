// A page in a real browser whose answers come late: node late.mjs URL, run beside page.mjs.
// Says what it sees as JSON, one line for each step.
import { launch } from './page.mjs';

const url = process.argv[2];
const browser = await launch();
const page = await (await browser.newContext()).newPage();
const say = (what) => console.log(JSON.stringify(what));
const note = (text) => page.locator('#notes li').filter({ hasText: text });
const ids = () => page.locator('#notes li').evaluateAll((items) => items.map(({ id }) => id));

/** Holds the next answer to a question, as it is now, until something has happened; then resolves. */
const hold = (question, until) =>
  new Promise((resolve) => {
    const options = { times: 1 };
    page.route(question, async (route) => {
      const response = await route.fetch();
      say('held');
      await until().catch(() => {});
      await route.fulfill({ response });
      await page.waitForTimeout(1000);
      resolve();
    }, options).then(() => say('ready'));
  });

await page.goto(url, { waitUntil: 'domcontentloaded' });
await note('oldest').waitFor();
await page.waitForTimeout(1000); // what it asks when its stream opens is answered
await hold(/\/notes$/, () => note('second change').waitFor({ timeout: 3000 }));
say(await ids());
await note('one of many 24').waitFor();
const late = hold(/\/notes\?before=/, () => note('during a question').waitFor());
await page.locator('#more').click();
await late;
await page.locator('#more').click();
await page.locator('#notes li').nth(20).waitFor({ timeout: 5000 }).catch(() => {});
say(await ids());
await browser.close();
