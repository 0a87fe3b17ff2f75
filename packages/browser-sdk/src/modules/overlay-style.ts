/**
 * The overlay's looks. What `:host` says is important, since otherwise the page's own rules for the element would win
 * (CSS Scoping, 3.3.1); `all` keeps out what elements inherit.
 */
export const OVERLAY_STYLE = `
:host{all:initial!important;position:fixed!important;inset:auto 0 0 auto!important;z-index:2147483647!important}
:host>details{max-width:90vw;max-height:80vh;overflow:auto;font:13px system-ui;color:#000;background:#fff;border:1px solid}
summary{display:flex;gap:8px;padding:6px}
b{flex:1}
output,pre{display:block;margin:6px;white-space:pre-wrap}
.delivered,.duplicate{color:green}
.rejected,.dropped{color:#c00}`
