import { expect, it } from "vitest";
import type { KnownReservation } from "../read-model/reservation.js";
import { outstanding } from "./outstanding.js";

const upTo = { storedBytes: 1000, deliveredBytes: 500, speechCharacters: 40, encodeSeconds: 10 };
const at = (seconds: number) => new Date(seconds * 1000);
const reserved = (more: Partial<KnownReservation> = {}): KnownReservation => ({
  ...{ batchId: "b", tenant: "acme", upTo, spent: { deliveredBytes: 0, encodeSeconds: 0 }, endedAt: undefined },
  ...more,
});
const charged = (characters: number, countedAt: Date) => ({
  ...{ byProvider: new Map([["p", characters]]), byBatch: new Map([["b", characters]]), countedAt },
});
const left = (reservation: KnownReservation, counts: Partial<Parameters<typeof outstanding>[1]> = {}) =>
  outstanding([reservation], { stored: undefined, characters: undefined, ...counts }).get("b");

it("leaves of a live batch what it has not used", () => {
  expect(left(reserved())).toEqual(upTo);
  const spent = { deliveredBytes: 200, encodeSeconds: 12 };
  expect(
    left(reserved({ spent }), { characters: charged(15, at(5)), stored: { bytes: 700, countedAt: at(5) } }),
  ).toEqual({
    ...{ storedBytes: 1000, deliveredBytes: 300, speechCharacters: 25, encodeSeconds: 0 },
  });
});

it("leaves nothing of an ended batch that facts report, and of the rest what is not counted since", () => {
  const ended = reserved({ endedAt: at(10) });
  const before = { stored: { bytes: 0, countedAt: at(9) }, characters: charged(30, at(9)) };
  expect(left(ended, before)).toEqual({ storedBytes: 1000, deliveredBytes: 0, speechCharacters: 10, encodeSeconds: 0 });
  const after = { stored: { bytes: 900, countedAt: at(11) }, characters: charged(38, at(11)) };
  const nothing = { storedBytes: 0, deliveredBytes: 0, speechCharacters: 0, encodeSeconds: 0 };
  expect(left(ended, after)).toEqual(nothing);
  expect(left(ended)).toEqual(nothing);
});
