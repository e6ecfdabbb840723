ALTER SYSTEM RECOVER TABLE db.table, db.from, db.to TO TENANT t WITH 'pool_list=p'
