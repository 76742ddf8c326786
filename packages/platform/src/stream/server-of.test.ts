import { expect, it } from "vitest";
import { serverOf } from "./server-of.js";

it.each([
  ["127.0.0.1:4222", { "server.address": "127.0.0.1", "server.port": 4222 }],
  ["nats.example.com:4443", { "server.address": "nats.example.com", "server.port": 4443 }],
  ["[::1]:4222", { "server.address": "::1", "server.port": 4222 }],
  ["nats://user:secret@nats:4222", {}],
  ["", {}],
])("shows the server %s", (server, attributes) => {
  expect(serverOf({ getServer: () => server })).toEqual(attributes);
});
