import { expect, it } from "vitest";
import { clientAddress } from "./client-address.js";

it.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:0:1:aaaa::1", "2001:db8:0:1"],
  ["2001:db8:0:1::2", "2001:db8:0:1"],
  ["2001:db8::2", "2001:db8:0:0"],
  ["::1", "0:0:0:0"],
  ["fe80::1%eth0", "fe80:0:0:0"],
  [undefined, undefined],
])("identifies %s as %s", (address, client) => {
  expect(clientAddress(address)).toBe(client);
});
