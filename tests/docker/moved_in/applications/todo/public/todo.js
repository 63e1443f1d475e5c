// Shows the items, and adds what is entered.
const form = document.querySelector('form');
const list = document.querySelector('ul');

async function show() {
  const items = await (await fetch('/api/items')).json();
  list.replaceChildren(
    ...items.map(({ title, done }) => {
      const entry = document.createElement('li');
      entry.textContent = `${done ? '✓ ' : ''}${title}`;
      return entry;
    }),
  );
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const body = JSON.stringify({ title: form.elements.title.value });
  await fetch('/api/items', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  form.reset();
  await show();
});

show();
