// What is sold.
export const products = [
  { id: 'tea', name: 'Tea & herbs', price: 4.5 },
  { id: 'cup', name: 'Cup', price: 12 },
];

export function find(id) {
  return products.find((product) => product.id === id);
}
