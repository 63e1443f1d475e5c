// What is sold.
exports.products = [
  { id: 'tea', name: 'Tea & herbs', price: 4.5 },
  { id: 'cup', name: 'Cup', price: 12 },
];

exports.find = (id) => exports.products.find((product) => product.id === id);
