ALTER SYSTEM RECOVER TABLE a.数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数数 TO TENANT t WITH 'pool_list=p'
