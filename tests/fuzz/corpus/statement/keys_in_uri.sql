ALTER SYSTEM RECOVER TABLE a.b TO TENANT t FROM 'oss://b/p?host=h.com&access_id=AK&access_key=SK, oss://b/p?host=h.com&access_id=AK&access_key=SK' WITH 'pool_list=p'
