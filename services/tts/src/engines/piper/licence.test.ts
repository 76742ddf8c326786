import { expect, it } from "vitest";
import { licenceOf } from "./licence.js";

it.each([
  ["# Model card\n\n* URL: x\n* License: CC0\n\n## Training", "CC0"],
  ["**Licence:** CC BY 4.0  \n", "CC BY 4.0"],
  ["License: https://creativecommons.org/licenses/by/4.0/", "https://creativecommons.org/licenses/by/4.0/"],
  ["The license: unclear\n", undefined],
  ["License:\n\nnext", undefined],
  ["", undefined],
])("reads %j", (card, licence) => {
  expect(licenceOf(card)).toBe(licence);
});
