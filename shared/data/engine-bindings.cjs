/**
 * Stands in for `@duckdb/node-bindings` inside a bundle (an alias of the build), because that package only
 * finds its native library through node_modules and an action has none. `engine.ts` puts the library's path
 * under this symbol before it loads `@duckdb/node-api`; `libduckdb` is then found beside the library.
 */
const path = globalThis[Symbol.for('mlops-actions.duckdb-library')];
if (typeof path !== 'string') throw new Error('The data engine was loaded before its library was located.');
process.dlopen(module, path);
