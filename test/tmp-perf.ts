import * as Permutation from '../scenarios/population/Permutation.ts'
let s=performance.now(); for(let i=0;i<100000;i++) Permutation.create(`1/roll/${i}/12`, 6000+i%7); console.log('create', (performance.now()-s)/100000*1000,'us')
for (const n of [500, 6000, 9000, 16000, 17000,29445, 65000]) { const p=Permutation.create('x',n); s=performance.now(); let x=0; for(let r=0;r<3e6/n;r++) for(let i=0;i<n;i++) x+=p.forward(i); console.log(n,(performance.now()-s)/3e6*1e6,'ns')}
