import { describe, expect, it } from 'vitest';
import { Refusals, RouteProof } from '../../lib/deliver/route-proof.js';

/** A batch of many: what is left of it can be halved. */
const MANY = 512;

/** A route that has taken the first of its requests. */
function proved(): RouteProof {
  const route = new RouteProof();
  route.taken(route.send());
  return route;
}

describe('a first refusal', () => {
  it('is doubtful on a route that has never taken anything', () => {
    const route = new RouteProof();
    route.send();
    expect(new Refusals(route).isDoubtful(MANY)).toBe(true);
  });

  it('is about the data on a route that has', () => {
    const route = proved();
    route.send();
    expect(new Refusals(route).isDoubtful(MANY)).toBe(false);
  });
});

describe('the refusal of a single record', () => {
  it('is doubtful at once: there is nothing left to halve', () => {
    const route = proved();
    route.send();
    expect(new Refusals(route).isDoubtful(1)).toBe(true);
  });
});

describe('a further refusal of the same batch', () => {
  it('is doubtful when nothing was taken since the first one', () => {
    const route = proved();
    const refusals = new Refusals(route);
    route.send();
    refusals.isDoubtful(MANY);
    route.send();
    expect(refusals.isDoubtful(MANY)).toBe(true);
  });

  it('is about the data when something was sent since, and taken', () => {
    const route = proved();
    const refusals = new Refusals(route);
    route.send();
    refusals.isDoubtful(MANY);
    route.taken(route.send());
    expect(refusals.isDoubtful(MANY)).toBe(false);
  });

  it('is doubtful although something was taken that was sent before', () => {
    const route = proved();
    const refusals = new Refusals(route);
    const before = route.send();
    route.send();
    refusals.isDoubtful(MANY);
    route.taken(before);
    expect(refusals.isDoubtful(MANY)).toBe(true);
  });

  it('is doubtful although something was taken that was sent beside it', () => {
    const route = proved();
    const refusals = new Refusals(route);
    route.send();
    const beside = route.send();
    refusals.isDoubtful(MANY);
    route.taken(beside);
    expect(refusals.isDoubtful(MANY)).toBe(true);
  });

  it('is about the data although an earlier request is taken last', () => {
    const route = proved();
    const refusals = new Refusals(route);
    const before = route.send();
    refusals.isDoubtful(MANY);
    route.taken(route.send());
    route.taken(before);
    expect(refusals.isDoubtful(MANY)).toBe(false);
  });
});
