import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{Tale,scanPickle}from"./chunk-J4ZIN7HW.mjs";import"./chunk-N5IJ5K33.mjs";import"./chunk-FE4ES6BH.mjs";import"./chunk-F7IN6JCH.mjs";import"./chunk-Z4P7UI73.mjs";import"./chunk-PLGI4CXG.mjs";export{Tale,scanPickle};
