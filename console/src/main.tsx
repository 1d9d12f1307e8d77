import { render } from 'preact';
import './style/tokens.css';
import './style/base.css';
import './style/shell.css';
import './style/parts.css';
import './style/states.css';
import './style/table.css';
import './style/flow.css';
import './style/documents.css';
import './style/pages.css';
import { App } from './app.tsx';
import { startTheme } from './lib/theme.ts';

startTheme();
history.replaceState('first', '');
render(<App />, document.getElementById('app')!);
