/**
 * The overlay's looks. What `:host` says is important, since otherwise the page's own rules for the element would win
 * (CSS Scoping, 3.3.1); `all` keeps out what elements inherit.
 */
export const OVERLAY_STYLE = `
:host{all:initial!important;position:fixed!important;inset:auto 12px 12px auto!important;z-index:2147483647!important;color-scheme:light dark!important}
section{width:min(420px,100vw - 24px);max-height:min(520px,100vh - 24px);display:flex;flex-direction:column;overflow:hidden;font:13px/1.4 system-ui,sans-serif;color:light-dark(#1c2330,#e6e9ef);background:light-dark(#fff,#171b22);border:1px solid #8888;border-radius:8px;box-shadow:0 6px 24px #0005}
header,summary{display:flex;align-items:center;gap:8px;padding:5px 12px}
header,summary:hover,pre{background:#8882}
span,b{flex:1}
span,i,time{opacity:.72;font-style:normal}
button{font:inherit;color:inherit;padding:2px 9px;border:1px solid #8888;border-radius:5px;background:light-dark(#fff,#2b323d);cursor:pointer}
:focus-visible{outline:2px solid light-dark(#1a5fd0,#7db0ff);outline-offset:-2px}
div{display:contents}
[hidden]{display:none}
p,pre{margin:0;padding:6px 12px}
p:empty{display:none}
ol{margin:0;padding:0;list-style:none;overflow:auto}
ol:empty::after{content:"No events since this panel was opened.";display:block;padding:6px 12px}
li{border-top:1px solid #8884}
summary{cursor:pointer}
b{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;font-weight:500}
em{font-style:normal;color:light-dark(#8a5a00,#f0b849)}
.delivered,.duplicate{color:light-dark(#14733a,#5fd38d)}
.rejected,.dropped,.error{color:light-dark(#b3261e,#ff8a80)}
pre{font:12px/1.45 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}`
