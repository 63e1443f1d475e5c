// The label of a route: what the application says.
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { routeOf } from '../../src/service/route.ts';

test('the label is the pattern that was set; what no route takes has one', () => {
  assert.equal(routeOf({ route: '/users/:id', url: '/users/7' } as IncomingMessage), '/users/:id');
  assert.equal(routeOf({ url: '/users/7' } as IncomingMessage), 'other');
});
