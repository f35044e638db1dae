/**
 * The names that are used of the engine's package. It is CommonJS, and of such a package a bundled `import()` sees
 * no names but `default`; of this module it does.
 */
export { DuckDBDoubleVector, DuckDBInstance, DuckDBTypeId, version } from '@duckdb/node-api';
