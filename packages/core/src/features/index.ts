export { checkContext, contextGroups } from './context.ts';
