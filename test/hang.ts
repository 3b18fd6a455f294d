/**
 * For tests: makes a function of the program hang. Loaded before the program by NODE_OPTIONS=--import=…; `HANG` names a module's
 * path within packages/ and the function, as in `core/src/pipeline/songs.ts:loadSongs`, and how: `wait` for ever, or `block` the
 * thread.
 */
import { registerHooks } from 'node:module';

// Not by process.stderr, which on a thread says nothing until the thread is free again.
const say = "process.getBuiltinModule('node:fs').writeSync(2, 'hangs\\n');";
const [module, name, how] = (process.env.HANG ?? '').split(':');
const body = how === 'block' ? 'for (;;);' : 'return new Promise(() => setInterval(() => {}, 1000));';

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!module || !url.endsWith(`/packages/${module}`)) return loaded;
    // A function that a module declares may be given another value at its end.
    return { ...loaded, source: `${loaded.source}\n${name} = () => { ${say} ${body} };\n` };
  },
});
