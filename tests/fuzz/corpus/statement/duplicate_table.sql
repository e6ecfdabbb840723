ALTER SYSTEM RECOVER TABLE a.b,a.c,a.b TO TENANT t WITH 'pool_list=p'
