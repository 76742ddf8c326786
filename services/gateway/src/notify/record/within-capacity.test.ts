import { expect, it } from "vitest";
import type { NewNotification } from "../notification.js";
import { withinCapacity } from "./within-capacity.js";

it("drops single events beyond the limit, and never the end of a batch", () => {
  const of = (type: string) => ({ type }) as NewNotification;
  const notices = [of("combination.failed"), of("combination.failed"), of("batch.finished"), of("combination.failed")];
  expect(withinCapacity(notices, 8, 10)).toMatchObject({ kept: notices.slice(0, 3), dropped: 1 });
  expect(withinCapacity(notices, 10, 10)).toMatchObject({ kept: [{ type: "batch.finished" }], dropped: 3 });
});
