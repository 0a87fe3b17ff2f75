import zlib from 'node:zlib'; import { rollup } from 'rollup'; import { nodeResolve } from '@rollup/plugin-node-resolve'; import terser from '@rollup/plugin-terser'
const br=b=>zlib.brotliCompressSync(b,{params:{[zlib.constants.BROTLI_PARAM_QUALITY]:11}}).length
const b=await rollup({input:process.argv[2]??'dist/script.js',plugins:[nodeResolve({browser:true,exportConditions:['browser']}),terser({ecma:2020,module:true,compress:{passes:3,keep_fargs:false,hoist_funs:true}})],onwarn(){}}); const o=await b.generate({format:'iife',name:'q'}); console.log(o.output[0].code.length, br(Buffer.from(o.output[0].code)))
if(process.argv[3]) process.stdout.write(o.output[0].code)
