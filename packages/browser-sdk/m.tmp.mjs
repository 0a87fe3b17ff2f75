import zlib from 'node:zlib'; import { rollup } from 'rollup'; import { nodeResolve } from '@rollup/plugin-node-resolve'; import terser from '@rollup/plugin-terser'
const br=b=>zlib.brotliCompressSync(b,{params:{[zlib.constants.BROTLI_PARAM_QUALITY]:11}}).length
export async function size(stub){ const b=await rollup({input:'dist/script.js',plugins:[{name:'s',transform(code,id){for(const [k,v] of Object.entries(stub)) if(id.endsWith(k)) return v}},nodeResolve({browser:true,exportConditions:['browser']}),terser({ecma:2020,module:true,compress:{passes:3,keep_fargs:false,hoist_funs:true}})],onwarn(){}}); const o=await b.generate({format:'iife'}); return br(Buffer.from(o.output[0].code)) }
const full=await size({})
console.log('full',full)
const S={
 hooks:{'/hooks.js':'export const createHooks=()=>({canChange:()=>0,run:e=>e,tell(){},add(){},addMiddleware(){}})'},
 emitter:{'/core/emitter.js':'export const createEmitter=()=>({on(){},off(){},once(){},emit(){},watch(){}})'},
 truncate:{'/core/truncate.js':'export const toBoundedJson=e=>JSON.stringify(e)'},
 cookie:{'/adapters/cookie.js':'export const openCookie=()=>({get(){},set(){}})'},
 session:{'/session-store.js':'export const openSession=()=>()=>({})'},
 streams:{'/streams.js':'export const openStreams=()=>({note(){},previous(){},confirm(){}})'},
 turns:{'/turns.js':'export const createTurns=()=>({take:w=>w(),goesOn:()=>1,giveUp(){}})'},
 sender:{'/dist/sender.js':'export const createSender=()=>({})'},
 queue:{'/dist/queue.js':'export const createQueue=()=>({})'},
 delivery:{'/dist/delivery.js':'export const startDelivery=()=>({})'},
 ledger:{'/core/ledger.js':'export const createLedger=()=>({})'},
 decide:{'/core/decide.js':'export const decide=()=>({})'},
 answer:{'/dist/answer.js':'export const classifyAnswer=()=>({})'},
 idb:{'/adapters/indexed-db.js':'export const openIndexedDb=()=>({})'},
 tabs:{'/adapters/tabs.js':'export const openTabs=()=>({})'},
 http:{'/adapters/http.js':'export const post=()=>({});export const postLater=()=>({})'},
 ls:{'/adapters/local-storage.js':'export const openLocalStorage=()=>({})'},
 page:{'/adapters/page.js':'export const readPage=()=>({});export const readDevice=()=>({});export const readScreen=()=>({})'},
 lifecycle:{'/adapters/lifecycle.js':'export const onLifecycle=()=>({})'},
 uuid:{'/browser-platform.js':null},
 args:{'/core/call-arguments.js':'export const trackArguments=a=>a,pageArguments=a=>a,identifyArguments=a=>a,aliasArguments=a=>a,toId=a=>a'},
 build:{'/core/build-event.js':'export const buildEvent=a=>a'},
 pagectx:{'/core/page-context.js':'export const pageContext=a=>a,followViews=a=>a'},
 identity:{'/core/identity.js':'export const identifyUser=a=>a,joinGroup=a=>a'},
 idstore:{'/identity-store.js':'export const openIdentity=a=>a'},
 options:{'/options.js':'export const resolveOptions=a=>a'},
 stubcall:{'/core/stub-call.js':'export const readStubCall=a=>a'},
 entry:{'/core/entry.js':'export const entryKey=a=>a,messageIdOf=a=>a,timeOf=a=>a,bytesOf=a=>a,rowText=a=>a,readRow=a=>a,composeBody=a=>a'},
 tracker:{'/dist/tracker.js':'export const startTracker=a=>a'},
}
delete S.uuid
for(const [k,v] of Object.entries(S)) console.log(k, full-await size(v))
