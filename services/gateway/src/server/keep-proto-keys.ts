/**
 * Keeps the key "__proto__" in a message's maps, so that the check of keys refuses it: protobuf-es sets keys on plain
 * objects, where this one would set the prototype and vanish. Equivalent to Node.js's option `--disable-proto=delete`;
 * imported for its side effect.
 */
Reflect.deleteProperty(Object.prototype, "__proto__");
