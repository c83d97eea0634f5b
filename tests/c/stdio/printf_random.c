/* Formats random values with random specifications, as the host does. */
/* harness: compare */
/* harness: args 20 60000 */
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <stdint.h>
#include <wchar.h>
static uint64_t s;
static uint64_t rnd(void){ s^=s<<13; s^=s>>7; s^=s<<17; return s; }
static double p10(int n){double r=1; for(;n>0;n--) r*=10; for(;n<0;n++) r/=10; return r;}
static double rdbl(void){ uint64_t r=rnd(); double d; switch(r%8){case 0: memcpy(&d,&(uint64_t){rnd()},8); return d; case 1: return (double)(int64_t)rnd(); case 2: return (int)(rnd()%2000)/ (double)(1<<(rnd()%12)); case 3: return (rnd()%100000)/1000.0; case 4: return (double)(rnd()%10)* p10((int)(rnd()%40)-20); case 5: return 0.0; case 6: return -(double)(rnd()>>11)/9007199254740992.0; default: {uint64_t b=(rnd()&0x800fffffffffffffULL)|((uint64_t)(1023-10+rnd()%40)<<52); memcpy(&d,&b,8); return d;}} }
static long double rld(void){ long double d=0; uint64_t r=rnd(); if(r%3==0){ uint64_t m=rnd()|1ULL<<63; uint16_t e=rnd(); if(!(e&0x7fff)) e=1; /* the host forgets a bit of pseudo-denormals */ memcpy(&d,&m,8); memcpy((char*)&d+8,&e,2); return d;} if(r%3==1) return rdbl(); { uint64_t m=rnd()|1ULL<<63; uint16_t e=(rnd()&0x8000)|(16383-60+rnd()%120); memcpy(&d,&m,8); memcpy((char*)&d+8,&e,2); return d;} }
static const char*strs[]={"","a","hello world","0123456789",0};
int main(int c,char**v){ s=strtoull(v[1],0,0)*0x9E3779B97F4A7C15ULL+1; long n=atol(v[2]); int big=c>3;
 for(int i=0;i<10;i++) rnd();
 while(n--){ char f[64]; char*p=f; *p++='%'; for(int i=rnd()%4;i--;) *p++="-+ #0'"[rnd()%6]; int w=rnd()%3; if(w==0) p+=sprintf(p,"%d",(int)(rnd()%30)); else if(w==1&&0) *p++='*'; int pr=rnd()%3; if(pr==0) p+=sprintf(p,".%d",(int)(rnd()%(big?400:25))); else if(pr==1&&rnd()%4==0) *p++='.';
  char out[70000]; int r; out[0]=0;
  uint64_t x=rnd()>>(rnd()%64); if(rnd()%8==0)x=0; if(rnd()%3==0) x=-x;
  switch(rnd()%10){
   case 0: case 1: {static const char*l[]={"","hh","h","l","ll","j","z","t","q","L"}; strcpy(p,l[rnd()%10]); p+=strlen(p); *p++="diouxXcb"[rnd()%6]; *p=0; if (strchr("diouxX",p[-1])) r=snprintf(out,sizeof out,f,x); break;}
   case 2: case 3: case 4: *p++="eEfFgG"[rnd()%6]; *p=0; r=snprintf(out,sizeof out,f,rdbl()); break;
   case 5: *p++="aA"[rnd()%2]; *p=0; r=snprintf(out,sizeof out,f,rdbl()); break;
   case 6: *p++='L'; *p++="eEfFgGaA"[rnd()%8]; *p=0; r=snprintf(out,sizeof out,f,rld()); break;
   case 7: *p++="sSpcC"[rnd()%1]; *p=0; r=snprintf(out,sizeof out,f,strs[rnd()%5]); break;
   case 8: *p++='p'; *p=0; r=snprintf(out,sizeof out,f,(void*)(rnd()%3?x:0)); break;
   default: *p++='c'; *p=0; r=snprintf(out,sizeof out,f,(int)(rnd()%95+32)); break;
  }
  printf("%s|%d|%s\n",f,r,out);
 } }
