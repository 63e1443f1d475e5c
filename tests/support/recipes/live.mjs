// A page in a real browser that shows what happens elsewhere: node live.mjs URL, run beside page.mjs.
// Says what it sees as JSON, one line for each step.
import { launch, watch } from './page.mjs';

const url = process.argv[2];
const browser = await launch();
const page = await (await browser.newContext()).newPage();
const seen = await watch(page);
const say = (what) => console.log(JSON.stringify(what));
const shows = (text) => page.locator('#notes li').filter({ hasText: text });

await page.goto(url, { waitUntil: 'domcontentloaded' });
await page.locator('#text').fill('half a sentence');
await shows('first').waitFor();
await shows('first').locator('button').focus();
say('open');
await shows('by another replica').waitFor();
const focused = await page.evaluate(() => document.activeElement.ariaLabel);
say({ focused, typed: await page.locator('#text').inputValue() });
await shows('by another replica').waitFor({ state: 'detached' });
say('gone');
await shows('while it was away').waitFor({ timeout: 240_000 });
say(seen);
await browser.close();
