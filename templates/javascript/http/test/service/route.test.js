// The label of a route: what the application says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routeOf } from '../../src/service/route.js';

test('the label is the pattern that was set; what no route takes has one', () => {
  assert.equal(routeOf({ route: '/users/:id', url: '/users/7' }), '/users/:id');
  assert.equal(routeOf({ url: '/users/7' }), 'other');
});
