/**
 * Keeps the key "__proto__" in a message's maps, so that the check of keys refuses it: protobuf-es sets keys on plain objects,
 * where this one would set the prototype instead and vanish. As Node.js's own option `--disable-proto=delete`; imported for its
 * effect.
 */
Reflect.deleteProperty(Object.prototype, "__proto__");
